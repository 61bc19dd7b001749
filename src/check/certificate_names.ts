/**
 * Whether a certificate is for the names that clients would use.
 *
 * Owns the choice of those names: those that this host has in its own eyes. How clients really call
 * it, nobody here can know.
 */

import { shellQuoted } from "../config/shell_text.ts";
import { dirname, join } from "node:path";
import { RECORD_FILE } from "../certificates/folder.ts";
import { hostNames } from "../certificates/host_names.ts";
import { type ChainLink, isFor, shortAddress } from "./certificate_chain.ts";
import type { FileReport } from "./probe_certificates.ts";

/** Names in a sentence, at the most. */
const SHOWN_NAMES = 6;
const LOOPBACK = ["localhost", "127.0.0.1", "::1"];

/** Tells which names lead here and are not in the certificate; IPv6 addresses change too often. */
export function nameFindings(report: FileReport, leaf: ChainLink): void {
  const { shownPath, path, examination: { machine } } = report;
  const isOurs = machine.look(join(dirname(path), RECORD_FILE)) !== "missing";
  if (leaf.alternativeNames.length === 0) {
    report.add(
      "warning",
      `The certificate ${shownPath} has no subject alternative name: most clients refuse it, ` +
        "whatever its common name is",
      "broker cert makes one that has the names of this machine",
    );
    return;
  }
  const found = hostNames({
    hostname: () => machine.hostName(),
    addresses: () => machine.interfaces().map(({ address }) => address),
  }).filter((name) => !LOOPBACK.includes(name) && !name.includes(":"));
  const missing = found.filter((name) => !isFor(leaf, name));
  if (missing.length === 0) return;
  const certified = leaf.alternativeNames.map((name) => shortAddress(name.replace(/^[^:]*:/, "")));
  report.add(
    "info",
    `The certificate ${shownPath} is for ${list(certified)}; clients that connect to ` +
      `${list(missing)} will refuse it`,
    isOurs ? `broker cert --dir ${shellQuoted(dirname(path))}` : undefined,
  );
}

function list(names: readonly string[]): string {
  const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : "";
  return names.slice(0, SHOWN_NAMES).join(", ") + more;
}
