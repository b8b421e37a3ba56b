import type { BuildOptions } from 'esbuild';

/** Bundles one script or test entry of the repository at `root` into its out/ and returns the path of the result. */
export function bundleScript(root: string, file: string): string;
export function build(options?: { production?: boolean; watch?: boolean }): Promise<void>;
/** What the build for pages has besides: plugins that leave out what pages do not use. */
export const pageOptions: BuildOptions;
