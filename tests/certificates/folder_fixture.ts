/**
 * A folder in which a CA and a server certificate were made a while ago.
 *
 * Owns the folder until it is disposed of.
 */

import { CertificateFolder } from "../../src/certificates/folder.ts";
import type { HostSystem } from "../../src/certificates/host_names.ts";
import {
  ensureServer,
  type ServerRequest,
  type ServerState,
} from "../../src/certificates/local_ca.ts";
import { DAY_MS } from "../../src/certificates/renewal_time.ts";
import { temporaryFolder } from "../storage/fixture.ts";

/** When the first certificates are made: 2026-01-01T00:00:00Z. */
export const MADE_AT_MS = Date.UTC(2026, 0, 1);

/** Has the names of `HOST_NAMES`. */
export const HOST: HostSystem = { hostname: () => "pi", addresses: () => ["10.0.0.7"] };
export const HOST_NAMES = ["pi", "pi.local", "localhost", "10.0.0.7", "127.0.0.1", "::1"];

export class MadeFolder implements Disposable {
  readonly #temporary = temporaryFolder();
  readonly path = this.#temporary.path;

  /** As a new process sees it. */
  get folder(): CertificateFolder {
    return CertificateFolder.open(this.path);
  }

  /** What `broker cert` does, some days after the first time. */
  ensure(afterDays = 0, request: Partial<ServerRequest> = {}): Promise<ServerState> {
    return ensureServer(this.folder, {
      hostNames: HOST_NAMES,
      addedNames: [],
      keyType: undefined,
      days: undefined,
      renew: false,
      newKey: false,
      newCa: false,
      nowMs: MADE_AT_MS + afterDays * DAY_MS,
      ...request,
    });
  }

  read(name: string): string {
    return Deno.readTextFileSync(`${this.path}/${name}`);
  }

  [Symbol.dispose](): void {
    this.#temporary[Symbol.dispose]();
  }
}
