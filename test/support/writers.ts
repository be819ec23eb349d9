import type { TransportHooks } from '../../src/simulator/in-process-transport.ts';
import { parseResourcePath } from '../../src/simulator/resource-path.ts';
import type { StorageEvent } from '../../src/simulator/storage.ts';

interface InFlight {
  readonly writer: string;
  /** `collection` of the storage, such as `apps/replicasets`. */
  readonly collection: string;
  /** Key in it; undefined for a creation under a name that the server chooses. */
  readonly key: string | undefined;
}

/** Whoever writes without a request: the kubelet, the controllers of Kubernetes, the garbage collector. */
const INSIDE = 'cluster';

/** Knows who writes: storage events do not say by whose request they came about. */
export class Writers {
  readonly #inFlight: InFlight[] = [];

  /** `hooks`, with every write announced right before the server gets it. */
  announce(writer: string, hooks: TransportHooks): TransportHooks {
    const sent = new WeakMap<object, InFlight>();
    const landed = (request: object): void => {
      const flight = sent.get(request);
      if (flight !== undefined) this.#inFlight.splice(this.#inFlight.indexOf(flight), 1);
    };
    return {
      ...hooks,
      before: async (request) => {
        const early = await hooks.before?.(request);
        if (early !== undefined || request.method === 'GET') return early;
        const flight = { writer, ...target(request.path) };
        sent.set(request, flight);
        this.#inFlight.push(flight);
        return undefined;
      },
      after: (request, response) => {
        landed(request);
        return hooks.after?.(request, response);
      },
    };
  }

  /** Who is writing this; to be asked while the event is told. The server takes requests in the order of their arrival. */
  of({ collection, key }: StorageEvent): string {
    const flight = this.#inFlight.find(
      (each) => each.collection === collection && (each.key === undefined || each.key === key),
    );
    return flight?.writer ?? INSIDE;
  }
}

function target(path: string): Pick<InFlight, 'collection' | 'key'> {
  const parsed = parseResourcePath(path);
  if (parsed === undefined) return { collection: path, key: undefined };
  const { group, plural, namespace, name } = parsed;
  const key = name === undefined ? undefined : namespace === undefined ? name : `${namespace}/${name}`;
  return { collection: `${group}/${plural}`, key };
}
