import type { EngineOptions } from '../engine/engines';
import type { Coverage } from '../certificate/statement';
import { requireNoInputAmong, withInputFiles } from '../input-files';
import type { OtherTensors, PlanReport } from '../protocol/engine-protocol';
import { compareMethods } from '../plan/compare';
import type { Plan, PlanFacts } from '../plan/plan';
import { loadRequest, type LoadedRequest } from '../request/load-request';
import { checkpointOf, openCheckpointInputs } from './checkpoint-inputs';
import { coverageOf } from './coverage';
import { headFacts } from './head';
import type { RunData } from './open-data';
import { openInputs, type RunInputs } from './open-inputs';
import { planInputs } from './plan-inputs';
import { tensorFacts } from './tensor-facts';

/** Opens what a request names and plans it; changes nothing. */
export async function planRequestFile(path: string, engines: EngineOptions): Promise<PlanReport> {
  return withInputFiles(async () => {
    const loaded = await loadRequest(path);
    const outputs = [loaded.outputPath, loaded.certificatePath];
    const checkpoint = await checkpointOf(loaded);
    if (checkpoint !== undefined) {
      const { data, facts } = await openCheckpointInputs(loaded, checkpoint);
      await requireNoInputAmong(outputs);
      return reportOf(loaded, checkpoint.format, data, facts);
    }
    const inputs = await openInputs(loaded);
    await requireNoInputAmong(outputs);
    const report = reportOf(loaded, inputs.model.format, inputs, await factsOf(inputs, engines));
    return { ...report, model: { ...report.model, others: othersOf(inputs, report.plan) } };
  });
}

/** As the certificate will list them. */
function othersOf(inputs: RunInputs, { mechanism }: Plan): OtherTensors {
  const treatments = coverageOf(mechanism.method, inputs).map(({ treatment }) => treatment);
  const count = (wanted: Coverage['treatment']): number => treatments.filter((treatment) => treatment === wanted).length;
  return { recomputed: count('recomputed'), kept: count('public'), dropped: count('dropped') };
}

function reportOf(loaded: LoadedRequest, format: string, data: RunData, facts: PlanFacts): PlanReport {
  const { train, forget, retain, duplicates, evaluation } = data;
  return {
    model: { format, parameters: facts.tensors.reduce((sum, { count }) => sum + count, 0), tensors: facts.tensors.length },
    data: {
      total: train.count,
      forget: forget.length,
      retain: retain.length,
      evaluation: evaluation?.records.length,
      duplicates: { policy: duplicates.policy, count: duplicates.duplicates.length, kept: duplicates.kept },
      forgottenInEvaluation: evaluation?.forgotten,
    },
    facts,
    plan: planInputs({ loaded }, facts),
    comparison: compareMethods(loaded.request, facts),
    output: loaded.outputPath,
    certificate: loaded.certificatePath,
  };
}

/** What a plan needs to know of the opened inputs. */
export async function factsOf(inputs: RunInputs, engines: EngineOptions): Promise<PlanFacts> {
  const head = await headFacts(inputs, engines);
  return { tensors: tensorFacts(inputs.model.graph, inputs.trainable), retainCount: inputs.retain.length, ...(head === undefined ? {} : { head }), ...(inputs.centre === undefined ? {} : { centre: 'public' }), frozen: inputs.frozen.map(({ name }) => name) };
}
