/**
 * What `broker cert` prints: what there is, and what to do with it on the broker and on the devices.
 *
 * Owns the wording. Invariant: no private key is ever printed.
 */

import { shellQuoted } from "../config/shell_text.ts";
import { resolve } from "node:path";
import { isIP } from "node:net";
import { endOf, fingerprintsOf, tasmotaFingerprint } from "../certificates/facts.ts";
import {
  CA_FILE,
  CA_KEY_FILE,
  type CertificateFolder,
  SERVER_FILE,
  SERVER_KEY_FILE,
} from "../certificates/folder.ts";
import type { CertificateState, ClientState, ServerState } from "../certificates/local_ca.ts";
import { DAY_MS } from "../certificates/renewal_time.ts";
import { textTable } from "./text_table.ts";

/** From here on the end of the CA is worth a line of its own. */
const CA_WARNING_DAYS = 365;

/** The lines about the CA and the server's certificate. */
export function serverText(folder: CertificateFolder, state: ServerState, nowMs: number): string[] {
  const path = (name: string) => resolve(folder.path, name);
  const host = reachableName(state.names);
  return [
    headline(state, folder, "server", nowMs),
    ...caWarning(state, nowMs),
    "",
    ...fileTable([
      [CA_FILE, `the CA, for the clients; it ends on ${endDate(state.ca)}`],
      [
        CA_KEY_FILE,
        "the key of the CA: who has it can pass for your broker; keep a copy, show nobody",
      ],
      [SERVER_FILE, `the certificate of the broker; it ends on ${endDate(state.certificate)}`],
      [SERVER_KEY_FILE, "its key, for the broker alone"],
    ]),
    "",
    `For: ${state.names.join(", ")}`,
    "",
    "In broker.yaml:",
    "  listeners:",
    "    - port: 8883",
    "      tls:",
    `        certificate: ${yamlText(path(SERVER_FILE))}`,
    `        key: ${yamlText(path(SERVER_KEY_FILE))}`,
    "",
    "On a client:",
    `  mosquitto_pub --cafile ${CA_FILE} -h ${host} -p 8883 -t test -m hello`,
    "",
    ...fingerprintLines(state),
    "",
    "The CA as text, for devices that are given it that way (ESPHome: certificate_authority, Arduino:",
    `setCACert or setTrustAnchors); it is what ${CA_FILE} contains:`,
    ...state.ca.trimEnd().split("\n"),
  ];
}

/** The lines about a client's certificate. */
export function clientText(
  folder: CertificateFolder,
  state: ClientState,
  { username, nowMs }: { readonly username: string; readonly nowMs: number },
): string[] {
  const host = reachableName(folder.record?.serverNames ?? []);
  const [file, keyFile] = [shellText(state.file), shellText(state.keyFile)];
  return [
    headline(state, folder, "client", nowMs),
    "",
    ...fileTable([
      [
        state.file,
        `the certificate of user '${username}'; it ends on ${endDate(state.certificate)}`,
      ],
      [state.keyFile, "its key, for this client alone"],
      [CA_FILE, "the CA, by which it knows the broker"],
    ]),
    "",
    "In broker.yaml, below tls:",
    `        client_ca: ${yamlText(resolve(folder.path, CA_FILE))}`,
    "        client_certificate: require",
    "        identity: common_name",
    "",
    "On the client:",
    `  mosquitto_pub --cafile ${CA_FILE} --cert ${file} --key ${keyFile} \\`,
    `    -h ${host} -p 8883 -t test -m hello`,
  ];
}

/** A name that other hosts find this one by, as far as that can be guessed. */
function reachableName(names: readonly string[]): string {
  const isLocal = (name: string) => name.endsWith(".local");
  return names.find(isLocal) ?? names.find((name) => isIP(name) === 0) ?? "localhost";
}

function headline(
  { isNewCa, madeBecause, certificate }: CertificateState,
  { path }: CertificateFolder,
  what: string,
  nowMs: number,
): string {
  if (isNewCa) return `Made a CA and a ${what} certificate in '${path}'`;
  if (madeBecause !== undefined) return `Made a ${what} certificate in '${path}': ${madeBecause}`;
  const endsAtMs = endOf(certificate);
  const days = Math.floor((endsAtMs - nowMs) / DAY_MS);
  return `The ${what} certificate in '${path}' is still good, for ${days} days`;
}

function caWarning({ ca }: CertificateState, nowMs: number): string[] {
  if (endOf(ca) - nowMs > CA_WARNING_DAYS * DAY_MS) return [];
  return [
    `The CA ends on ${
      endDate(ca)
    }, and everything it signed with it. 'broker cert --new-ca' makes ` +
    "another one, which all clients must then be given",
  ];
}

function fingerprintLines({ ca, certificate, key }: CertificateState): string[] {
  const [ofCa, ofServer] = [fingerprintsOf(ca), fingerprintsOf(certificate)];
  const tasmota = tasmotaFingerprint(key);
  return [
    "Fingerprint of the CA, to compare on a device:",
    `  SHA-256  ${ofCa.sha256}`,
    `  SHA-1    ${ofCa.sha1}`,
    "Fingerprint of the server certificate (ESP8266: setFingerprint takes SHA-1); another one each time",
    "it is renewed:",
    `  SHA-256  ${ofServer.sha256}`,
    `  SHA-1    ${ofServer.sha1}`,
    ...(tasmota === undefined ? ["Tasmota wants RSA: broker cert --key-type rsa --dir FOLDER"] : [
      "Fingerprint for Tasmota, which stays when it is renewed (SetOption132 1, then",
      "MqttFingerprint1):",
      `  ${tasmota}`,
    ]),
  ];
}

function fileTable(rows: readonly (readonly [string, string])[]): string[] {
  const columns = [{ title: "FILE" }, { title: "WHAT IT IS" }];
  return [...textTable(columns, rows)];
}

/** The day, in UTC. */
function endDate(certificate: string): string {
  return new Date(endOf(certificate)).toISOString().slice(0, 10);
}

/** Quoted where it would otherwise be something else. */
function yamlText(text: string): string {
  return /^[\w/.-]+$/.test(text) ? text : JSON.stringify(text);
}

function shellText(text: string): string {
  return /^[\w/.@-]+$/.test(text) ? text : shellQuoted(text);
}
