import { APPLY } from './cases/apply.ts';
import { CREATE } from './cases/create.ts';
import { CUSTOM } from './cases/custom.ts';
import { DEFAULTS } from './cases/defaults.ts';
import { DELETE } from './cases/delete.ts';
import { EVENTS_LEASES } from './cases/events-leases.ts';
import { GARBAGE } from './cases/garbage.ts';
import { LIST } from './cases/list.ts';
import { PATCH } from './cases/patch.ts';
import { PROTOCOL } from './cases/protocol.ts';
import { SUBRESOURCES } from './cases/subresources.ts';
import { TABLE } from './cases/table.ts';
import { UPDATE } from './cases/update.ts';
import { VALIDATION } from './cases/validation.ts';
import { WATCH } from './cases/watch.ts';
import type { FidelityGroup } from './fidelity-case.ts';

/** All fidelity cases. */
export const FIDELITY_GROUPS: readonly FidelityGroup[] = [
  CREATE,
  UPDATE,
  PATCH,
  APPLY,
  SUBRESOURCES,
  DELETE,
  GARBAGE,
  WATCH,
  LIST,
  CUSTOM,
  TABLE,
  DEFAULTS,
  VALIDATION,
  EVENTS_LEASES,
  PROTOCOL,
];
