/** @file Learning rate over the steps of a run. Pure. */

export type Decay = 'cosine' | 'linear' | 'constant';

export interface Schedule {
  /** Peak learning rate. */
  readonly learningRate: number;
  /** Steps of linear warm-up; the first step has `learningRate / warmupSteps`. */
  readonly warmupSteps: number;
  readonly totalSteps: number;
  /** Shape of the way down to `finalShare`. */
  readonly decay: Decay;
  /** Steps of the way down, at the end; before it the rate is constant. @default all steps after the warm-up */
  readonly decaySteps?: number;
  /** Rate that the step after the last would have, as a share of the peak: the last step still learns. @default 0 */
  readonly finalShare?: number;
}

/** Learning rate of step `step` (from 1 to `totalSteps`). */
export function learningRateAt(step: number, schedule: Schedule): number {
  const { learningRate, warmupSteps, totalSteps, decay, finalShare = 0 } = schedule;
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  const decaySteps = schedule.decaySteps ?? totalSteps - warmupSteps;
  const progress = Math.min(Math.max((step - (totalSteps - decaySteps)) / (decaySteps + 1), 0), 1);
  const share = decay === 'constant' ? 1 : decay === 'linear' ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2;
  return learningRate * (finalShare + (1 - finalShare) * share);
}
