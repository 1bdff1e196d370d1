/**
 * A constructor's arguments as text that outlives the process, and back: `v8.serialize` for what is data, and the
 * identity of the actor for a handle. What is shared or moved between threads cannot be stored.
 */
import v8 from 'node:v8';
import { SerializationError } from './errors.ts';
import { HandleMark, RefMark } from './stored-marks.ts';

/** One base64 text for each argument. @throws SerializationError that names the first that cannot be stored. */
export function storeArgs(args: readonly unknown[], description: string): string[] {
  return args.map((arg, index) => {
    try {
      const serializer = new ArgSerializer();
      serializer.writeHeader();
      serializer.writeValue(arg);
      return serializer.releaseBuffer().toString('base64');
    } catch (error) {
      throw new SerializationError(
        description,
        `argument ${index + 1}`,
        `the arguments of a detached actor must be storable where the runtime has a directory, and ${(error as Error).message}`,
      );
    }
  });
}

/** `toHandle` makes a handle of what a mark was made of. */
export function restoreArgs(stored: readonly string[], toHandle: (content: unknown) => unknown): unknown[] {
  return stored.map((text) => {
    const deserializer = new ArgDeserializer(Buffer.from(text, 'base64'), toHandle);
    deserializer.readHeader();
    return deserializer.readValue();
  });
}

/** What Node's types leave out: how views, which are no values of V8's own, are written and read. */
interface HostObjects {
  _writeHostObject(this: v8.Serializer, view: ArrayBufferView): void;
  _readHostObject(this: v8.Deserializer): unknown;
}

const defaultWriter = v8.DefaultSerializer.prototype as unknown as HostObjects;
const defaultReader = v8.DefaultDeserializer.prototype as unknown as HostObjects;

const VIEW = 0;
const HANDLE = 1;

class ArgSerializer extends v8.DefaultSerializer {
  _writeHostObject(view: ArrayBufferView): void {
    if (view instanceof HandleMark) {
      this.writeUint32(HANDLE);
      this.writeUint32(view.byteLength);
      this.writeRawBytes(view);
      return;
    }
    if (view instanceof RefMark)
      throw new TypeError('an ObjectRef inside a value is not: its value ends with the runtime');
    if (view.buffer instanceof SharedArrayBuffer) throw new TypeError('a view of shared memory is not');
    this.writeUint32(VIEW);
    defaultWriter._writeHostObject.call(this, view);
  }
}

class ArgDeserializer extends v8.DefaultDeserializer {
  readonly #toHandle: (content: unknown) => unknown;

  constructor(stored: Buffer, toHandle: (content: unknown) => unknown) {
    super(stored);
    this.#toHandle = toHandle;
  }

  _readHostObject(): unknown {
    if (this.readUint32() === VIEW) return defaultReader._readHostObject.call(this);
    const bytes = this.readRawBytes(this.readUint32());
    return this.#toHandle(JSON.parse(new TextDecoder().decode(bytes)));
  }
}
