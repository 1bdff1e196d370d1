import { remote } from 'heddle';

/** What is to be learned: y = 2·x₁ − 3·x₂ + 0.5, with a little noise. */
export const TRUE_WEIGHTS = [2, -3, 0.5] as const;

/** Holds the weights and moves them against the gradients. */
export const ParameterServer = remote(
  import.meta,
  class ParameterServer {
    readonly #weights: Float64Array;
    readonly #rate: number;

    constructor(size: number, rate: number) {
      this.#weights = new Float64Array(size);
      this.#rate = rate;
    }

    weights(): Float64Array {
      return this.#weights;
    }

    /** One step along the mean of the gradients; the new weights. Each gradient may be a ref: it comes from its worker. */
    apply(...gradients: Float64Array[]): Float64Array {
      for (const gradient of gradients) {
        for (const [index, slope] of gradient.entries())
          this.#weights[index]! -= (this.#rate * slope) / gradients.length;
      }
      return this.#weights;
    }
  },
);

/** Holds a part of the data, which never leaves its thread. */
export const Learner = remote(
  import.meta,
  class Learner {
    readonly #inputs: Float64Array[] = [];
    readonly #targets: number[] = [];

    constructor(seed: number, samples: number) {
      const next = pseudoRandom(seed);
      for (let sample = 0; sample < samples; sample++) {
        const input = Float64Array.of(next() * 2 - 1, next() * 2 - 1, 1);
        this.#inputs.push(input);
        this.#targets.push(dot(input, TRUE_WEIGHTS) + (next() - 0.5) * 0.01);
      }
    }

    /** The gradient of the mean squared error on this part of the data. */
    gradient(weights: Float64Array): Float64Array {
      const sum = new Float64Array(weights.length);
      for (const [sample, input] of this.#inputs.entries()) {
        const error = dot(input, weights) - this.#targets[sample]!;
        for (const [index, x] of input.entries()) sum[index]! += (2 * error * x) / this.#inputs.length;
      }
      return sum;
    }

    loss(weights: Float64Array): number {
      const errors = this.#inputs.map((input, sample) => dot(input, weights) - this.#targets[sample]!);
      return errors.reduce((sum, error) => sum + error * error, 0) / errors.length;
    }
  },
);

const dot = (left: ArrayLike<number>, right: ArrayLike<number>): number =>
  Array.from(left).reduce((sum, x, index) => sum + x * right[index]!, 0);

/** Numbers from 0 to 1, the same for the same seed (a linear congruential generator, as in Numerical Recipes). */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
