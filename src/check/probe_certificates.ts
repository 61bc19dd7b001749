/**
 * Whether the certificates of TLS listeners are good: their time, their keys, their chain, their
 * names, the CA and the CRL for clients.
 *
 * Owns what is demanded of them. Files that cannot be read, or are no PEM, are the business of
 * `probe_files.ts` and `probe_contents.ts`, and are left out here.
 */

import { shellQuoted } from "../config/shell_text.ts";
import { messageOf } from "../error_text.ts";
import { createPrivateKey } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { belongsTogether } from "../certificates/facts.ts";
import { RECORD_FILE } from "../certificates/folder.ts";
import type { PathStep } from "../config/path.ts";
import { HIDDEN, isMarkedSecret } from "../config/secret.ts";
import type { ListenerSettings } from "../config/settings.ts";
import { needsNodeTls } from "../transport/tls_options.ts";
import type { ChainLink } from "./certificate_chain.ts";
import { nameFindings } from "./certificate_names.ts";
import {
  type Examination,
  type Finding,
  MAKE_CERTIFICATES,
  placeOf,
  type Severity,
} from "./finding.ts";

/** The chain and the CRL are read with the ASN.1 library, which is loaded only where there is TLS. */
type ChainModule = typeof import("./certificate_chain.ts");

const DAY_MS = 86_400_000;
/** As the broker itself warns. */
const WARN_DAYS = 21;
const WARN_CRL_DAYS = 2;
const LEAST_RSA_BITS = 2048;

/** What is said of one file of one listener. */
export interface FileReport {
  readonly examination: Examination;
  readonly listener: ListenerSettings;
  readonly path: string;
  /** In quotes, or that it is not shown. */
  readonly shownPath: string;
  add(severity: Severity, problem: string, cure?: string): void;
}

export async function probeCertificates(examination: Examination): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const { listeners } = examination.loaded.settings;
  if (!listeners.some(({ tls }) => tls.certificate !== undefined)) return findings;
  const chains = await import("./certificate_chain.ts");
  for (const [index, listener] of listeners.entries()) {
    if (listener.tls.certificate === undefined) continue;
    platformFindings(examination, listener, index, findings);
    serverFindings(chains, examination, listener, index, findings);
    await clientFindings(chains, examination, listener, index, findings);
  }
  return findings;
}

function reportOn(
  examination: Examination,
  listener: ListenerSettings,
  name: "certificate" | "key" | "clientCa" | "crl",
  setting: readonly PathStep[],
  findings: Finding[],
): FileReport {
  const { tls } = listener;
  const path = tls[name] ?? "";
  const isHidden = isMarkedSecret(tls, name);
  const place = placeOf(examination.loaded, setting);
  return {
    examination,
    listener,
    path,
    shownPath: isHidden ? HIDDEN : shellQuoted(path),
    add: (severity, problem, cure) =>
      void findings.push({ severity, place, problem, cure: isHidden ? undefined : cure }),
  };
}

/** What only a newer Deno can do. */
function platformFindings(
  { loaded, machine }: Examination,
  { tls, path, proxyProtocol }: ListenerSettings,
  index: number,
  findings: Finding[],
): void {
  const reason = needsNodeTls(tls, {
    hasProxyProtocol: proxyProtocol === "on",
    isUnixSocket: path !== undefined,
  });
  if (reason === undefined || machine.hasNodeTls()) return;
  findings.push({
    severity: "error",
    place: placeOf(loaded, ["listeners", index, "tls"]),
    problem: `Cannot serve TLS: ${reason} needs an executable that was made with Deno 2.9 or later`,
    cure: "take the executable of a release, or run it from the sources with Deno 2.9",
  });
}

function serverFindings(
  chains: ChainModule,
  examination: Examination,
  listener: ListenerSettings,
  index: number,
  findings: Finding[],
): void {
  const path = ["listeners", index, "tls"];
  const report = reportOn(examination, listener, "certificate", [...path, "certificate"], findings);
  const chain = readableChain(chains, report);
  const [leaf] = chain ?? [];
  if (chain === undefined || leaf === undefined) return;
  for (const [at, link] of chain.entries()) timeFindings(report, link, at);
  keyKindFindings(report, leaf);
  chainFindings(chains, report, chain);
  nameFindings(report, leaf);
  keyFindings(
    reportOn(examination, listener, "key", [...path, "key"], findings),
    leaf,
    report.shownPath,
  );
}

/** Undefined when it was reported elsewhere that it cannot be read, or is here. */
function readableChain(chains: ChainModule, report: FileReport): ChainLink[] | undefined {
  const text = textOf(report);
  if (text === undefined) return undefined;
  try {
    return chains.readChain(text);
  } catch (error) {
    const reason = messageOf(error);
    report.add("error", `Cannot use ${report.shownPath}: ${reason}`, MAKE_CERTIFICATES);
    return undefined;
  }
}

function textOf({ examination, path }: FileReport): string | undefined {
  try {
    return new TextDecoder().decode(examination.machine.read(path));
  } catch {
    return undefined;
  }
}

/** `at`: the place in the chain, from 0. */
function timeFindings(report: FileReport, link: ChainLink, at: number): void {
  const nowMs = report.examination.machine.nowMs();
  const what = at === 0
    ? `The certificate ${report.shownPath}`
    : `Certificate ${at + 1} in ${report.shownPath}`;
  const cure = renewal(report);
  if (link.startsAtMs > nowMs) {
    report.add(
      "error",
      `${what} is valid from ${day(link.startsAtMs)} on, and today is ${day(nowMs)}`,
      "if that is not today's date: timedatectl shows what the clock is set by",
    );
  } else if (link.endsAtMs <= nowMs) {
    report.add("error", `${what} has ended on ${day(link.endsAtMs)}`, cure);
  } else if (link.endsAtMs - nowMs < WARN_DAYS * DAY_MS) {
    report.add(
      isRenewedByItself(report) ? "info" : "warning",
      `${what} ends ${inDays(link.endsAtMs - nowMs)}, on ${day(link.endsAtMs)}`,
      cure,
    );
  }
}

/** What 'broker cert' made, the broker makes anew. */
function isRenewedByItself({ examination, path }: FileReport): boolean {
  const record = join(dirname(path), RECORD_FILE);
  return basename(path) === "server.pem" && examination.machine.look(record) !== "missing";
}

function renewal(report: FileReport): string {
  if (isRenewedByItself(report)) return `broker cert --dir ${shellQuoted(dirname(report.path))}`;
  return report.path.startsWith("/etc/letsencrypt/")
    ? "sudo certbot renew"
    : "have it renewed; the broker takes the new file by itself";
}

/** Whatever its kind, Deno must know it and clients should. */
function keyKindFindings(report: FileReport, { certificate }: ChainLink): void {
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = certificate.publicKey;
  const bits = details?.modulusLength ?? Infinity;
  const cure = "broker cert makes one with a key that all devices know";
  if (kind === "rsa" && bits < LEAST_RSA_BITS) {
    report.add(
      "error",
      `The certificate ${report.shownPath} has an RSA key of ${bits} bits, which ` +
        `TLS does not take any more: ${LEAST_RSA_BITS} are the least`,
      cure,
    );
  } else if (kind === "ed25519" || kind === "ed448") {
    report.add(
      "info",
      `The certificate ${report.shownPath} has a key of kind ${kind}, which many ` +
        "devices do not know",
      cure,
    );
  } else if (kind !== "rsa" && kind !== "ec") {
    report.add(
      "error",
      `The certificate ${report.shownPath} has a key of kind ${kind}, which TLS ` +
        "does not take",
      cure,
    );
  }
}

function chainFindings(
  { brokenAfter, isSelfSigned }: ChainModule,
  report: FileReport,
  chain: readonly ChainLink[],
): void {
  const [leaf] = chain;
  const broken = brokenAfter(chain);
  if (broken !== undefined) {
    report.add(
      "warning",
      `The chain in ${report.shownPath} is not in order: certificate ${broken + 1} is not signed ` +
        `by certificate ${broken + 2}, and many clients refuse that`,
      "cat SERVER INTERMEDIATE > CHAIN: first the broker's, then each one that signed the one before",
    );
  }
  const full = join(dirname(report.path), "fullchain.pem");
  const isAlone = chain.length === 1 && leaf !== undefined && !isSelfSigned(leaf);
  if (
    isAlone && basename(report.path) === "cert.pem" &&
    report.examination.machine.look(full) !== "missing"
  ) {
    report.add(
      "warning",
      `${report.shownPath} has the certificate alone: clients cannot follow it to its CA`,
      `certificate: ${full}`,
    );
  }
}

function keyFindings(report: FileReport, leaf: ChainLink, certificate: string): void {
  const text = textOf(report);
  // A passphrase, and what is no PEM, is reported elsewhere.
  const key = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[^-]+-----END \1PRIVATE KEY-----/
    .exec(text ?? "")?.[0];
  if (key === undefined || key.includes("ENCRYPTED")) return;
  let fits: boolean;
  try {
    createPrivateKey(key);
    fits = belongsTogether(leaf.pem, key);
  } catch (error) {
    const reason = messageOf(error);
    const problem = `Cannot use ${report.shownPath}: the key in it cannot be read: ${reason}`;
    report.add("error", problem, MAKE_CERTIFICATES);
    return;
  }
  if (fits) return;
  report.add(
    "error",
    `The key ${report.shownPath} is not the key of the certificate ${certificate}`,
    `openssl x509 -noout -pubkey -in ${certificate}; openssl pkey -pubout -in ${report.shownPath} ` +
      "print the same for two that belong together",
  );
}

/** What clients' certificates are checked with. */
async function clientFindings(
  chains: ChainModule,
  examination: Examination,
  listener: ListenerSettings,
  index: number,
  findings: Finding[],
): Promise<void> {
  const { clientCertificate, clientCa } = listener.tls;
  const isAsked = clientCertificate !== "none" && clientCa !== undefined;
  // Where nothing can serve them, that has been said, and nothing can read a CRL either.
  if (!isAsked || !examination.machine.hasNodeTls()) return;
  const path = ["listeners", index, "tls"];
  const report = reportOn(examination, listener, "clientCa", [...path, "client_ca"], findings);
  const cas = readableChain(chains, report);
  if (cas === undefined) return;
  const nowMs = examination.machine.nowMs();
  for (const [at, ca] of cas.entries()) {
    const what = cas.length === 1 ? "The CA" : `CA ${at + 1}`;
    if (ca.endsAtMs <= nowMs) {
      report.add(
        cas.every(({ endsAtMs }) => endsAtMs <= nowMs) ? "error" : "warning",
        `${what} in ${report.shownPath} has ended on ${day(ca.endsAtMs)}: no client with a ` +
          "certificate of it can connect",
        "put the CA's new certificate into the file",
      );
    } else if (!ca.certificate.ca) {
      report.add("warning", `Certificate ${at + 1} in ${report.shownPath} is not that of a CA`);
    }
  }
  if (listener.tls.crl === undefined) return;
  await crlFindings(
    reportOn(examination, listener, "crl", [...path, "crl"], findings),
    cas,
  );
}

async function crlFindings(report: FileReport, cas: readonly ChainLink[]): Promise<void> {
  const text = textOf(report);
  if (text === undefined || !text.includes("-----BEGIN X509 CRL-----")) return;
  const nowMs = report.examination.machine.nowMs();
  const { RevocationList } = await import("../transport/revocation_list.ts");
  let endsAtMs: number;
  try {
    endsAtMs = RevocationList.parse(text, cas.map(({ certificate }) => certificate)).nextUpdateMs;
  } catch (error) {
    const reason = messageOf(error);
    report.add("error", `Cannot use the CRL ${report.shownPath}: ${reason}`);
    return;
  }
  const cure = "have the CA make a new one, as with: openssl ca -gencrl -out CRL";
  if (endsAtMs <= nowMs) {
    const problem = `The CRL ${report.shownPath} is over since ${day(endsAtMs)}: every client ` +
      "certificate is refused";
    report.add("error", problem, cure);
  } else if (endsAtMs - nowMs < WARN_CRL_DAYS * DAY_MS) {
    const problem = `The CRL ${report.shownPath} is over ${inDays(endsAtMs - nowMs)}; then every ` +
      "client certificate is refused";
    report.add("warning", problem, cure);
  }
}

/** "2026-11-23". */
function day(ms: number): string {
  return Number.isNaN(ms) ? "an unknown day" : new Date(ms).toISOString().slice(0, 10);
}

function inDays(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  return days === 0 ? "within a day" : days === 1 ? "in 1 day" : `in ${days} days`;
}
