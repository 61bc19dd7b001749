/**
 * Where a relative path of broker.yaml starts: in the folder of that file.
 *
 * Owns that decision for files that the configuration names as its parts: certificates, keys,
 * passwords, rules, secrets. The working directory, which Mosquitto takes, differs between systemd, a
 * terminal and a container, and nobody who looks at the file can know it. What the broker writes
 * itself (`persistence.path`, log files) has rules of its own.
 */

import { dirname, resolve } from "node:path";

/** The folder of a configuration file, absolute. */
export function folderOf(file: string): string {
  return dirname(resolve(file));
}

/** The path that is meant; an absolute one is itself. */
export function besideConfiguration(folder: string, path: string): string {
  return resolve(folder, path);
}
