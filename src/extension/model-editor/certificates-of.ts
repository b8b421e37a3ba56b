import { type Uri, workspace } from 'vscode';
import type { CertificateOfModel } from '../../protocol/model-messages';
import { appearanceOf } from '../models/appearance';
import type { ModelRegistry } from '../models/model-registry';

/** All certificates of the workspace that say they are about a file, as its page shows them. */
export async function certificatesOf(model: Uri, registry: ModelRegistry): Promise<readonly CertificateOfModel[]> {
  const known = await registry.certificates();
  return known.filter((certificate) => certificate.model?.toString() === model.toString()).map(({ uri, state, detail }) => ({
    uri: uri.toString(), path: workspace.asRelativePath(uri), state: appearanceOf(state).text, detail,
  }));
}
