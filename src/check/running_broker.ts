/**
 * Whether a broker runs with this data already: then what it has taken is no fault.
 *
 * Owns how that is told: by its control socket, else by the lock of its store.
 */

import { shellQuoted } from "../config/shell_text.ts";
import { controlPath } from "../config/control_path.ts";
import type { ListenerSettings } from "../config/settings.ts";
import type { Examination } from "./finding.ts";
import { isSameFile } from "./service.ts";

export interface RunningBroker {
  /** Undefined when it could not be asked. */
  readonly processId: number | undefined;
  /** Absolute; null: it has none; undefined when it could not be asked. */
  readonly configurationFile: string | null | undefined;
  /** "0.0.0.0:1883", or the path of a Unix socket; undefined when it could not be asked. */
  readonly endpoints: readonly string[] | undefined;
}

const UNASKED: RunningBroker = {
  processId: undefined,
  configurationFile: undefined,
  endpoints: undefined,
};

/** Undefined: none runs, as far as can be told. */
export async function findRunningBroker(
  { loaded, machine, service }: Examination,
): Promise<RunningBroker | undefined> {
  const persistence = { ...loaded.settings.persistence, path: service.storePath };
  const answer = await machine.askBroker(controlPath(persistence));
  if (typeof answer !== "string") return answer;
  if (answer === "silent") return UNASKED;
  const isInUse = machine.isStoreInUse(service.storePath);
  // A socket that only its owner may open may be left over: then nobody holds the lock.
  return isInUse === true || (answer === "denied" && isInUse === undefined) ? UNASKED : undefined;
}

/** Whether the broker has what the listener wants; one that could not be asked is believed to. */
export function holds({ endpoints }: RunningBroker, { path, port }: ListenerSettings): boolean {
  if (endpoints === undefined) return true;
  return endpoints.some((endpoint) =>
    path === undefined ? endpoint.endsWith(`:${port}`) : endpoint === path
  );
}

/** Whether it runs with the configuration that is examined; undefined when it could not be asked. */
export function isOfThis(
  { configurationFile }: RunningBroker,
  { loaded, machine }: Examination,
): boolean | undefined {
  if (configurationFile === undefined) return undefined;
  return configurationFile !== null && isSameFile(machine, configurationFile, loaded.file);
}

/** "the broker that runs with this configuration already (process 812)". */
export function nameOf(broker: RunningBroker, examination: Examination): string {
  const { processId, configurationFile } = broker;
  const process = processId === undefined ? "" : ` (process ${processId})`;
  switch (isOfThis(broker, examination)) {
    case undefined:
      return `a broker that runs already${process}`;
    case true:
      return `the broker that runs with this configuration already${process}`;
    case false:
      return typeof configurationFile !== "string"
        ? `a broker that runs without a configuration${process}`
        : `the broker that runs with ${shellQuoted(configurationFile)}${process}`;
  }
}
