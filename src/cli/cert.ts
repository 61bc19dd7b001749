/**
 * `broker cert`: makes the certificates of a local CA and says what to do with them.
 *
 * Owns the order of the steps and the exit codes. What is made when is `certificates/local_ca.ts`'s,
 * what is printed `cert_text.ts`'s.
 */

import { CertificateFolder, SERVER_KEY_FILE } from "../certificates/folder.ts";
import { hostNames, type HostSystem, normalizeName, thisHost } from "../certificates/host_names.ts";
import type { KeyType } from "../certificates/keys.ts";
import { type CertificateRequest, ensureClient, ensureServer } from "../certificates/local_ca.ts";
import { clientText, serverText } from "./cert_text.ts";
import { ExitCode, type Terminal, writeLines } from "./terminal.ts";

/** What was asked for on the command line. */
export interface CertOptions {
  readonly folder: string;
  readonly keyType: KeyType | undefined;
  readonly days: number | undefined;
  readonly renew: boolean;
  readonly newKey: boolean;
}

export interface ServerCertOptions extends CertOptions {
  /** Names as they were typed, besides those of the host. */
  readonly names: readonly string[];
  readonly newCa: boolean;
}

export interface ClientCertOptions extends CertOptions {
  readonly username: string;
}

/** Makes or renews the CA and the server's certificate. */
export async function certifyServer(
  options: ServerCertOptions,
  terminal: Terminal,
  system: HostSystem = thisHost,
): Promise<number> {
  const wrong = options.names.find((name) => normalizeName(name) === undefined);
  if (wrong !== undefined) {
    writeLines(
      [`Cannot use the name '${wrong}': it is no DNS name and no IP address`],
      terminal.err,
    );
    return ExitCode.Usage;
  }
  const addedNames = options.names.flatMap((name) => normalizeName(name) ?? []);
  return await guarded(terminal, async () => {
    const folder = CertificateFolder.open(options.folder);
    const request = { ...requestOf(options), newCa: options.newCa, addedNames };
    const state = await ensureServer(folder, { ...request, hostNames: hostNames(system) });
    writeLines(serverText(folder, state, request.nowMs), terminal.out);
    if (state.isNewCa) writeLines(ownerNotes(folder), terminal.err);
  });
}

/** Makes or renews a client's certificate. */
export async function certifyClient(
  options: ClientCertOptions,
  terminal: Terminal,
): Promise<number> {
  if (/\p{Cc}/u.test(options.username)) {
    const problem = "it contains a control character or a line end";
    writeLines([`Cannot use the user name '${options.username}': ${problem}`], terminal.err);
    return ExitCode.Usage;
  }
  return await guarded(terminal, async () => {
    const folder = CertificateFolder.open(options.folder);
    const request = { ...requestOf(options), username: options.username };
    const state = await ensureClient(folder, request);
    writeLines(clientText(folder, state, request), terminal.out);
  });
}

function requestOf({ keyType, days, renew, newKey }: CertOptions): CertificateRequest {
  return { keyType, days, renew, newKey, nowMs: Date.now() };
}

/** Root's keys are of no use to a broker that is not root. */
function ownerNotes(folder: CertificateFolder): string[] {
  if (Deno.build.os === "windows") return [];
  if (Deno.statSync(folder.pathOf(SERVER_KEY_FILE)).uid !== 0) return [];
  return [
    "Note: the keys can be read by root only. If the broker runs as another user, give them to that " +
    `one: sudo chown -R USER '${folder.path}'`,
  ];
}

/** Turns what files and people do wrong into a line and an exit code. */
async function guarded(terminal: Terminal, work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return ExitCode.Ok;
  } catch (error) {
    if (!(error instanceof Error) || error instanceof TypeError) throw error;
    const { message } = error;
    const text = message.startsWith("Cannot ") ? message : `Cannot make a certificate: ${message}`;
    writeLines([text], terminal.err);
    return ExitCode.Failure;
  }
}
