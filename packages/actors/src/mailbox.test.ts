import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Mailbox } from './mailbox.ts';

test('a mailbox gives what it was given, in that order, once', () => {
  const anySteps = fc.array(fc.constantFrom('post', 'take', 'drain' as const), { maxLength: 300 });
  fc.assert(
    fc.property(anySteps, (steps) => {
      const mailbox = new Mailbox<{ readonly id: number }>();
      let model: { readonly id: number }[] = [];
      for (const [id, step] of steps.entries()) {
        if (step === 'post') {
          mailbox.post({ id });
          model.push({ id });
        } else if (step === 'take') {
          assert.deepEqual(mailbox.take(), model.shift());
        } else {
          assert.deepEqual(mailbox.drain(), model);
          model = [];
        }
        assert.equal(mailbox.size, model.length);
      }
    }),
  );
});
