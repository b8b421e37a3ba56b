import * as hdf5 from 'h5wasm';
import { UserError } from '../../error';
import { isBfloat16 } from './read-weights';

/** Attributes that Keras writes, of any version; long lists are split into `name0`, `name1`, … */
const known = /^(layer_names|weight_names|model_config|training_config)\d*$|^(keras_version|backend|nb_layers|nb_params|name)$/;

/**
 * Whatever else somebody noted down in the file (an accuracy, a norm, whose data it was) may come from the original model or its data, and noise
 * does not cover it. Deleting an attribute would leave its bytes in the file, so such a file is not opened.
 * @throws UserError data-unexpected
 */
export function requireKnownAttributes(root: hdf5.Group, file: string): void {
  for (const path of ['/', ...root.paths()]) {
    const entity = root.get(path);
    if (!(entity instanceof hdf5.Group || entity instanceof hdf5.Dataset)) continue;
    const foreign = Object.keys(entity.attrs).find((name) => (entity instanceof hdf5.Dataset ? name !== 'dtype' || !isBfloat16(entity) : !known.test(name)));
    if (foreign === undefined) continue;
    throw new UserError('data-unexpected', `the file holds the attribute \`${foreign}\` of \`${path}\`, which Keras does not write; nothing can be promised about what it remembers.`, { file, remedy: 'Save the model again with Keras, without such notes.' });
  }
}
