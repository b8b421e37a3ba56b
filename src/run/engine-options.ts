import type { EngineOptions } from '../engine/engines';
import type { EngineSettings } from '../protocol/engine-settings';

/** A host's settings as the engines take them. */
export function engineOptions({ threads, executionProvider, tensorflowFolder, tensorflowPlaces }: EngineSettings = {}): EngineOptions {
  const shared = threads === undefined ? {} : { threads };
  return {
    onnxruntime: { ...shared, ...(executionProvider === undefined ? {} : { executionProvider }) },
    tensorflow: { ...shared, ...(tensorflowFolder === undefined ? {} : { nativeFolder: tensorflowFolder }), ...(tensorflowPlaces === undefined ? {} : { nativePlaces: tensorflowPlaces }) },
  };
}
