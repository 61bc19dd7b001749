/**
 * The listeners of a server, and how a reload changes them.
 *
 * Owns which listener of before stands for which of now: the one with the same endpoint. Of that, what
 * concerns its clients is taken over as it is (`allow_anonymous`, limits, versions, ...); where its
 * socket or handshakes differ, it is closed and opened again. Connections are the server's: `currentOf`
 * says by whose terms they are judged. Invariant: when `prepare` throws, everything listens as before.
 */

import { readTlsFiles } from "../transport/tls_files.ts";
import { hasNodeTls, needsNodeTls } from "../transport/tls_options.ts";
import { Listener, type ListenerHost, type ListenerOptions } from "./listener.ts";
import { NewListener } from "./new_listener.ts";

/** New listeners that are open, and old ones that are not closed yet. */
export interface ListenerChange {
  /** Names that listeners have now, by those they had; only what differs. */
  readonly renamed: ReadonlyMap<string, string>;
  /**
   * Closes what is not wanted any more, and opens again what has changed. When all is ready, the new
   * listeners and options hold and `takeEffect` is called, with nothing in between: nobody comes in
   * by a listener of now and the rules of before.
   */
  apply(takeEffect?: () => void): Promise<void>;
}

/** One listener of the new configuration. */
interface Planned {
  readonly options: ListenerOptions;
  /** The one with the same endpoint. */
  readonly old: Listener | undefined;
  /** Opened already. Else it takes the place of another one, which must be closed before. */
  opened: NewListener | undefined;
}

/** What makes a socket and its handshakes; everything else of a listener is for its clients. */
const SOCKET_OPTIONS = [
  "path",
  "address",
  "port",
  "mode",
  "owner",
  "group",
  "protocol",
  "tls",
  "websocket",
  "proxyProtocol",
  "proxyNetworks",
] as const satisfies readonly (keyof ListenerOptions)[];

export class ListenerSet {
  readonly #host: ListenerHost;
  #listeners: readonly Listener[];
  /** Which one was opened in the place of another one. */
  readonly #successors = new WeakMap<Listener, Listener>();

  constructor(options: readonly ListenerOptions[], host: ListenerHost) {
    this.#host = host;
    this.#listeners = options.map((each) => new Listener(each, host));
  }

  get all(): readonly Listener[] {
    return this.#listeners;
  }

  /** The one that listens at the endpoint of `listener` now; undefined when none does. */
  currentOf(listener: Listener): Listener | undefined {
    let current = listener;
    for (let next = this.#successors.get(current); next; next = this.#successors.get(current)) {
      current = next;
    }
    return this.#listeners.includes(current) ? current : undefined;
  }

  /** Opens every listener. Returns the errors of those that could not be; they are tried again. */
  async open(): Promise<Error[]> {
    const results = await Promise.all(this.#listeners.map((listener) => listener.open()));
    return results.filter((error) => error !== undefined);
  }

  close(): void {
    for (const listener of this.#listeners) void listener.close();
  }

  /** Opens those that are new. Throws an `Error` that names the first one that cannot be opened. */
  async prepare(wanted: readonly ListenerOptions[]): Promise<ListenerChange> {
    const leaving = new Map(this.#listeners.map((each) => [keyOf(each.options), each]));
    const plan = wanted.map((options): Planned => {
      const key = keyOf(options);
      const old = leaving.get(key);
      leaving.delete(key);
      return { options, old, opened: undefined };
    });
    const gone = [...leaving.values()];
    try {
      for (const each of plan) await this.#prepare(each, gone);
    } catch (error) {
      await Promise.all(plan.map(({ opened }) => opened?.close()));
      throw error;
    }
    const renamed = plan.flatMap(({ options, old }): [string, string][] =>
      old === undefined || old.options.name === options.name
        ? []
        : [[old.options.name, options.name]]
    );
    return {
      renamed: new Map(renamed),
      apply: (takeEffect) => this.#apply(plan, gone, takeEffect),
    };
  }

  async #prepare(planned: Planned, gone: readonly Listener[]): Promise<void> {
    const { options, old } = planned;
    if (keepsSocket(planned)) return;
    await checkTls(options);
    if (old !== undefined || gone.some((each) => isInTheWay(each.options, options))) return;
    planned.opened = await NewListener.open(options, this.#host);
  }

  async #apply(
    plan: readonly Planned[],
    gone: readonly Listener[],
    takeEffect: () => void = () => {},
  ): Promise<void> {
    await Promise.all(gone.map((listener) => listener.close()));
    await Promise.all(plan.map((planned) => this.#openAgain(planned)));
    this.#listeners = plan.map((planned) => this.#putToUse(planned));
    takeEffect();
  }

  /** One that cannot be opened again goes on trying, as at the start. */
  async #openAgain(planned: Planned): Promise<void> {
    const { options, old, opened } = planned;
    if (opened !== undefined || keepsSocket(planned)) return;
    await old?.close();
    planned.opened = await NewListener.openAgain(options, this.#host);
  }

  #putToUse({ options, old, opened }: Planned): Listener {
    if (opened !== undefined) {
      const listener = opened.putToUse();
      if (old !== undefined) this.#successors.set(old, listener);
      return listener;
    }
    if (old === undefined) throw new Error(`Cannot use the listener '${options.name}': not opened`);
    old.options = options;
    old.lookAtFiles();
    return old;
  }
}

function keepsSocket({ options, old }: Planned): boolean {
  return old !== undefined && hasSameSocket(old.options, options);
}

/** What can be found out without its port. Throws an `Error`. */
async function checkTls({ name, tls, path, proxyProtocol }: ListenerOptions): Promise<void> {
  if (tls?.certificate === undefined) return;
  const reason = needsNodeTls(tls, {
    hasProxyProtocol: proxyProtocol === "on",
    isUnixSocket: path !== undefined,
  });
  if (reason !== undefined && !hasNodeTls()) {
    throw new Error(
      `Cannot open the listener '${name}': ${reason} needs Deno 2.9 or later, this is ` +
        Deno.version.deno,
    );
  }
  await readTlsFiles(tls);
}

/** Where it listens: of any free port, its name says which one it is. */
function keyOf({ path, address, port, name }: ListenerOptions): string {
  if (path !== undefined) return path;
  return port === 0 ? `${address} ${name}` : `${address}:${port}`;
}

/** Whether the one that leaves may have to be closed before the other one can be opened. */
function isInTheWay(leaving: ListenerOptions, coming: ListenerOptions): boolean {
  return leaving.path === undefined && coming.path === undefined && coming.port !== 0 &&
    leaving.port === coming.port;
}

function hasSameSocket(one: ListenerOptions, other: ListenerOptions): boolean {
  return SOCKET_OPTIONS.every((key) => isSame(one[key], other[key]));
}

/** Options are plain data. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
