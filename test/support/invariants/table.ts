import { abortLiveness, keptAbort } from './abort-liveness.ts';
import { boundedSize } from './bounded-size.ts';
import { bounds } from './bounds.ts';
import { capacity } from './capacity.ts';
import { foreignData } from './foreign-data.ts';
import { honestStatus } from './honest-status.ts';
import { fullPromotion, newTemplate } from './identity.ts';
import { judgedPromotion } from './judged-promotion.ts';
import { unsettled } from './liveness.ts';
import { noBlackHole } from './no-black-hole.ts';
import { oneWriter } from './one-writer.ts';
import { quiet } from './quiet.ts';
import { noSecret } from './secrets.ts';
import { validSplit, validWeight } from './weights.ts';

/** Every invariant by the name that the reference and violations give it, with the functions that define it. */
export const INVARIANTS = {
  I1: { title: 'no black hole', check: noBlackHole },
  I2: { title: 'capacity', check: capacity },
  I3: { title: 'bounds', check: bounds },
  I4: { title: 'weights', check: validWeight, checkSum: validSplit },
  I5: { title: 'identity', checkTemplate: newTemplate, checkStable: fullPromotion },
  I6: { title: 'quiet', check: quiet },
  I7: { title: 'one writer', check: oneWriter },
  I8: { title: 'honest status', check: honestStatus },
  I9: { title: 'foreign data', check: foreignData },
  I10: { title: 'abort liveness', check: abortLiveness, checkOrder: keptAbort },
  I11: { title: 'secrets', check: noSecret },
  I12: { title: 'bounded size', check: boundedSize },
  P4: { title: 'no traffic, no promotion', check: judgedPromotion },
  L: { title: 'liveness', check: unsettled },
} as const;

export type InvariantName = keyof typeof INVARIANTS;
