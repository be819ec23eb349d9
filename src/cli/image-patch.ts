import type { PodTemplateSpec } from '../api/core-types.ts';
import { closestWord } from '../api/validate/edit-distance.ts';
import { CliError } from './cli-error.ts';

/** A new image for a container, or for all (`*`). */
export interface ImageChange {
  readonly container: string;
  readonly image: string;
}

const ALL = '*';
const FIELDS = ['containers', 'initContainers'] as const;

/** Reads `CONTAINER=IMAGE`; an image may hold further equals signs. */
export function parseImageChange(text: string): ImageChange {
  const equals = text.indexOf('=');
  const container = text.slice(0, equals);
  const image = text.slice(equals + 1);
  if (equals <= 0 || image === '') {
    throw new CliError(`"${text}" is no change of an image`, { hint: 'write CONTAINER=IMAGE, e.g. app=web:1.2' });
  }
  return { container, image };
}

/**
 * A JSON patch that changes images. It names each container that it changes, so that the server refuses it when
 * somebody else has reordered them since. `*` stands for the containers proper, not for init containers.
 */
export function imagePatch(template: PodTemplateSpec, changes: readonly ImageChange[]): readonly object[] {
  return changes.flatMap((change) => {
    const patch = FIELDS.flatMap((field) => fieldPatch(template, field, change));
    if (patch.length === 0) throw unknownContainer(template, change.container);
    return patch;
  });
}

function fieldPatch(
  template: PodTemplateSpec,
  field: (typeof FIELDS)[number],
  { container, image }: ImageChange,
): readonly object[] {
  return (template.spec?.[field] ?? []).flatMap(({ name }, index) => {
    const isMeant = name === container || (container === ALL && field === 'containers');
    const path = `/spec/template/spec/${field}/${index}`;
    if (!isMeant) return [];
    return [
      { op: 'test', path: `${path}/name`, value: name },
      { op: 'add', path: `${path}/image`, value: image },
    ];
  });
}

function unknownContainer(template: PodTemplateSpec, container: string): CliError {
  const names = FIELDS.flatMap((field) => (template.spec?.[field] ?? []).map(({ name }) => name));
  const meant = closestWord(container, names);
  return new CliError(`unable to find container named "${container}"`, {
    hint: meant === undefined ? `there are ${names.join(', ')}` : `did you mean "${meant}"?`,
  });
}
