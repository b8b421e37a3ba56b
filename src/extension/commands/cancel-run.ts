import type { Services } from '../services';
import { isActive } from '../runs/run';

/** Cancels the given run, or the one under way. */
export function cancelRun({ runs }: Services, argument: unknown): void {
  const id = typeof argument === 'object' && argument !== null && 'id' in argument && typeof argument.id === 'string' ? argument.id : (runs.active ?? runs.runs.find(isActive))?.id;
  if (id !== undefined) runs.cancel(id);
}
