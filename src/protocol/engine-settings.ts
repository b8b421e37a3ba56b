/**
 * What the engines may use on this machine. Types only.
 * It comes from the host's own settings and never from a request: a request travels between machines, and must name neither code nor devices.
 */
export interface EngineSettings {
  /** Threads inside an operator, from 1. */
  readonly threads?: number | undefined;
  /** Execution provider of onnxruntime: `cpu` unless given. What is given has to work. */
  readonly executionProvider?: string | undefined;
  /** Folder of an installed @tensorflow/tfjs-node. What is given has to work. */
  readonly tensorflowFolder?: string | undefined;
  /** Folders that may have @tensorflow/tfjs-node in their node_modules, the first to be preferred. */
  readonly tensorflowPlaces?: readonly string[] | undefined;
}

/** One way to run: an engine on one of its execution providers or backends. */
export type EngineVariant =
  | { readonly engine: 'onnxruntime'; readonly backend: string }
  | { readonly engine: 'tensorflow'; readonly backend: 'native' | 'wasm' };

export interface ProbeParameters {
  readonly variant: EngineVariant;
  readonly engines: EngineSettings;
}

/** One line of the list of engines. */
export type EngineState = EngineVariant & {
  /** For people: “ONNX Runtime on cpu”. */
  readonly title: string;
} & (
  | { readonly available: true; readonly versions: Readonly<Record<string, string>> }
  | { readonly available: false; readonly problem: string; readonly remedy: string }
);
