import { type ClassDeclaration, classKey } from './class-declaration.ts';
import { type Batch, Kind } from './protocol.ts';
import { Shapes } from './shapes.ts';

/**
 * What this thread has given numbers to, shapes and classes, so that a link can tell its peer about them once.
 */
export class Definitions {
  readonly shapes = new Shapes();
  readonly classes: ClassDeclaration[] = [];
  readonly #classNumbers = new Map<string, number>();
  /** The same by what was asked with: to build the key costs more than all else of a call. */
  readonly #known = new WeakMap<ClassDeclaration, number>();

  /** One declaration object per class in this thread, so that handles of one class share their methods. */
  intern(declaration: ClassDeclaration): ClassDeclaration {
    return this.classes[this.numberOf(declaration)]!;
  }

  numberOf(declaration: ClassDeclaration): number {
    const known = this.#known.get(declaration);
    if (known !== undefined) return known;
    const number = this.#numberByKey(declaration);
    this.#known.set(declaration, number);
    return number;
  }

  #numberByKey(declaration: ClassDeclaration): number {
    const key = classKey(declaration);
    let number = this.#classNumbers.get(key);
    if (number === undefined) {
      number = this.classes.length;
      this.classes.push(declaration);
      this.#classNumbers.set(key, number);
    }
    return number;
  }
}

/** How far the peer of one link has been told. */
export class Told {
  #shapes = 0;
  #classes = 0;

  /** A batch of all that the peer does not know yet, or undefined. */
  next(definitions: Definitions): Batch | undefined {
    const { shapes, classes } = definitions;
    if (this.#shapes === shapes.keyLists.length && this.#classes === classes.length) return undefined;
    const batch: Batch = [];
    for (; this.#shapes < shapes.keyLists.length; this.#shapes++) {
      const keys = shapes.keyLists[this.#shapes]!;
      batch.push(Kind.Shape, this.#shapes, keys.length, ...keys);
    }
    for (; this.#classes < classes.length; this.#classes++)
      batch.push(Kind.Class, this.#classes, classes[this.#classes]);
    return batch;
  }
}
