/**
 * Converts TLS of one listener.
 *
 * Owns what goes together: Mosquitto asks clients for a certificate only with `require_certificate`,
 * and needs its CA certificates only then.
 */

import type { ConfEntry } from "./conf_reader.ts";
import type { ConfListener } from "./conf_model.ts";
import type { Conversion } from "./conversion.ts";
import { placeText } from "./input_files.ts";
import type { YamlSection } from "./yaml_draft.ts";

const NOT_ASKED = "not needed: clients are not asked for certificates";
const WITHOUT_CA = "there is no 'cafile' that certificates could be checked with";
const NO_TLS = "it has no effect without 'certfile' and 'keyfile'";

/** `yaml` is the listener. */
export function convertTls(
  conversion: Conversion,
  listener: ConfListener,
  yaml: YamlSection,
): void {
  const { options } = listener;
  const certificate = options.get("certfile");
  const key = options.get("keyfile");
  if (certificate === undefined || key === undefined) {
    return withoutTls(conversion, listener, certificate ?? key);
  }
  const tls = yaml.section("tls");
  putPath(conversion, tls, "certificate", certificate);
  putPath(conversion, tls, "key", key);
  convertVersion(conversion, listener, tls);
  if (asksForCertificate(listener)) convertClientCertificates(conversion, listener, tls);
  else {
    for (const name of ["cafile", "capath", "crlfile"]) {
      const entry = options.get(name);
      if (entry !== undefined) conversion.findings.dropped(entry, NOT_ASKED);
    }
    for (const name of ["require_certificate", ...IDENTITIES.keys()]) {
      const entry = options.get(name);
      if (entry !== undefined) conversion.findings.carried(entry, "it is so here");
    }
  }
}

/** Whether certificates prove user names on this listener. */
export function provesNames({ options }: ConfListener): boolean {
  return options.has("certfile") &&
    [...IDENTITIES.keys()].some((name) => options.get(name)?.value.flag === true);
}

const IDENTITIES = new Map([
  ["use_identity_as_username", "common_name"],
  ["use_subject_as_username", "subject"],
]);

function asksForCertificate(listener: ConfListener): boolean {
  return listener.options.get("require_certificate")?.value.flag === true || provesNames(listener);
}

/** `half` is one of the two that belong together, when it is alone. */
function withoutTls(
  { files, findings }: Conversion,
  { options }: ConfListener,
  half: ConfEntry | undefined,
): void {
  const needing = half ?? options.get("cafile") ?? options.get("capath");
  if (needing !== undefined) {
    const missing = options.has("certfile") ? "keyfile" : "certfile";
    const message = `Cannot use '${needing.name}': '${missing}' is missing for this listener`;
    const { path, source } = needing.file;
    files.fail(path, source, { message, range: needing.range });
  }
  const others = ["crlfile", "require_certificate", "tls_version", ...IDENTITIES.keys()];
  for (const name of others) {
    const entry = options.get(name);
    if (entry !== undefined) findings.dropped(entry, NO_TLS);
  }
}

function putPath(
  { files, findings }: Conversion,
  tls: YamlSection,
  key: string,
  entry: ConfEntry,
): void {
  const path = files.locate(entry.value.text);
  tls.put(key, path, placeText(entry.place));
  const missing = files.isThere(path) ? "" : ", which is not there: put it there, or see --path";
  findings.carried(entry, `tls.${key}: ${path}${missing}`);
}

/** Mosquitto's word is the lowest version. */
function convertVersion(
  { findings }: Conversion,
  { options }: ConfListener,
  tls: YamlSection,
): void {
  const entry = options.get("tls_version");
  if (entry === undefined) return;
  const { text } = entry.value;
  if (text === "tlsv1.2" || text === "tlsv1.3") {
    const version = text.slice("tlsv".length);
    tls.put("min_version", version, placeText(entry.place));
    return findings.carried(entry, `tls.min_version: ${version}`);
  }
  findings.lost(entry, "the lowest version that is spoken is TLS 1.2; older ones are not safe");
}

function convertClientCertificates(
  conversion: Conversion,
  { options }: ConfListener,
  tls: YamlSection,
): void {
  const { findings } = conversion;
  const ca = options.get("cafile");
  if (ca !== undefined) putPath(conversion, tls, "client_ca", ca);
  const folder = options.get("capath");
  if (folder !== undefined) {
    findings.lost(
      folder,
      "CA certificates are in one file here: put those of the folder together, as tls.client_ca",
    );
  }
  const revoked = options.get("crlfile");
  // Without CA certificates, ours would be an error.
  if (revoked !== undefined && ca !== undefined) putPath(conversion, tls, "crl", revoked);
  else if (revoked !== undefined) findings.lost(revoked, WITHOUT_CA);
  const require = options.get("require_certificate");
  const identities = [...IDENTITIES].flatMap(([name, value]) => {
    const entry = options.get(name);
    return entry === undefined ? [] : [{ entry, value }];
  });
  const reason = require ?? identities.find(({ entry }) => entry.value.flag)?.entry;
  if (ca !== undefined && reason !== undefined) {
    tls.put("client_certificate", "require", placeText(reason.place));
  }
  if (require !== undefined) requireCertificate(conversion, require, ca !== undefined);
  for (const { entry, value } of identities) {
    if (!entry.value.flag) findings.carried(entry, "it is so here");
    else if (ca === undefined) findings.lost(entry, WITHOUT_CA);
    else if (tls.has("identity")) findings.dropped(entry, "use_identity_as_username goes first");
    else {
      tls.put("identity", value, placeText(entry.place));
      findings.carried(entry, `tls.identity: ${value}`);
    }
  }
}

function requireCertificate({ findings }: Conversion, entry: ConfEntry, hasCa: boolean): void {
  if (!hasCa) findings.lost(entry, WITHOUT_CA);
  else if (entry.value.flag) findings.carried(entry, "tls.client_certificate: require");
  else {
    const text = "tls.client_certificate: require; without one, nobody could log in there either";
    findings.changed(entry, text);
  }
}
