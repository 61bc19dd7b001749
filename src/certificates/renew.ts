/**
 * The broker's own renewal of the certificates that `broker cert` made.
 *
 * Owns the daily look at them, which costs next to nothing: the ASN.1 library is loaded only when one
 * is due. Logs nothing and watches no files; whoever watches the certificate sees the new one.
 */

import { endOf } from "./facts.ts";
import { CA_FILE, CertificateFolder, folderOfServerFile, SERVER_FILE } from "./folder.ts";
import { hostNames, type HostSystem, missingNames, thisHost } from "./host_names.ts";
import { DAY_MS, isDue } from "./renewal_time.ts";

/** What the look at a certificate led to. */
export type Renewal =
  /** It is not one that `broker cert` made. */
  | { readonly kind: "not_ours" }
  /** `missingNames`: what this host is called now, and the certificate does not say. */
  | { readonly kind: "good"; readonly endsAtMs: number; readonly missingNames: readonly string[] }
  | { readonly kind: "renewed"; readonly endsAtMs: number; readonly names: readonly string[] }
  /** It ends with its CA: a new CA is needed, which all clients must be given. */
  | { readonly kind: "ca_ends"; readonly endsAtMs: number }
  /** It is due, or could not be looked at; the reason is for people. */
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Renews the server certificate in this file with the same key, when it is due and `broker cert` made
 * it. For once a day. Does not reject because of what is on the disk.
 */
export async function renewIfDue(
  certificateFile: string,
  nowMs: number,
  system: HostSystem = thisHost,
): Promise<Renewal> {
  const path = folderOfServerFile(certificateFile);
  if (path === undefined) return { kind: "not_ours" };
  try {
    const folder = CertificateFolder.open(path);
    if (folder.record === undefined) return { kind: "not_ours" };
    return await renewIn(folder, nowMs, hostNames(system));
  } catch (error) {
    if (!(error instanceof Error) || error instanceof TypeError) throw error;
    return { kind: "failed", reason: error.message };
  }
}

async function renewIn(
  folder: CertificateFolder,
  nowMs: number,
  found: readonly string[],
): Promise<Renewal> {
  const { record } = folder;
  const certificate = folder.readOwn(SERVER_FILE);
  if (record === undefined || certificate === undefined) return { kind: "not_ours" };
  const endsAtMs = endOf(certificate);
  if (!isDue(endsAtMs, record.days, nowMs)) {
    const missing = missingNames(record.serverNames, found, record.addedNames);
    return { kind: "good", endsAtMs, missingNames: missing };
  }
  const ca = folder.readOwn(CA_FILE);
  if (ca !== undefined && endOf(ca) < endsAtMs + DAY_MS) {
    return { kind: "ca_ends", endsAtMs };
  }
  const { ensureServer } = await import("./local_ca.ts");
  const renewed = await ensureServer(folder, {
    hostNames: found,
    addedNames: [],
    keyType: undefined,
    days: undefined,
    renew: true,
    newKey: false,
    newCa: false,
    nowMs,
  });
  return { kind: "renewed", endsAtMs: endOf(renewed.certificate), names: renewed.names };
}
