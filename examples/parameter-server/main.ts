/**
 * A parameter server: learners hold the data, a server holds the weights.
 *
 *   node --conditions=heddle-source examples/parameter-server/main.ts
 *
 * In each round every learner computes a gradient from the same weights, and the server applies them all. The driver
 * only passes refs on: gradients and weights travel between the actors themselves.
 */
import { get, init, type ObjectRef } from 'heddle';
import { Learner, ParameterServer, TRUE_WEIGHTS } from './actors.ts';

const LEARNERS = 4;
const SAMPLES = 500;
const ROUNDS = 60;
const RATE = 0.3;

await using _runtime = await init();
const server = ParameterServer.remote(TRUE_WEIGHTS.length, RATE);
const learners = Array.from({ length: LEARNERS }, (_, index) => Learner.remote(index + 1, SAMPLES));

let weights: ObjectRef<Float64Array> = server.weights.remote();
for (let round = 1; round <= ROUNDS; round++) {
  const gradients = learners.map((learner) => learner.gradient.remote(weights));
  weights = server.apply.remote(...gradients);
  if (round % 20 === 0 || round === 1)
    console.log(`round ${round}: loss ${(await meanLoss(weights)).toExponential(1)}`);
}
console.log('learned:', ...Array.from(await weights, (weight) => weight.toFixed(2)));
console.log('true:   ', ...TRUE_WEIGHTS.map((weight) => weight.toFixed(2)));

async function meanLoss(at: ObjectRef<Float64Array>): Promise<number> {
  const losses = await get(learners.map((learner) => learner.loss.remote(at)));
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}
