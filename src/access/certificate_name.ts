/**
 * The user name that a client certificate stands for, as its listener wants it.
 */

import type { CertificateIdentity, LoginOrigin } from "./login_method.ts";

/** What kinds of subject alternative name are called before their value. */
const ALT_NAME_KIND = /^(?:DNS|URI|email|IP Address|IP):/i;

/** Undefined: there is no certificate, the listener does not ask for its name, or it has none. */
export function certificateName({ listener, certificate }: LoginOrigin): string | undefined {
  if (certificate === undefined) return undefined;
  return nameOf(certificate, listener.tls?.identity) || undefined;
}

function nameOf(
  certificate: NonNullable<LoginOrigin["certificate"]>,
  identity: CertificateIdentity = "none",
): string | undefined {
  switch (identity) {
    case "common_name":
      return certificate.commonName;
    case "subject":
      return certificate.subject;
    case "san":
      return certificate.subjectAltNames[0]?.replace(ALT_NAME_KIND, "");
    case "none":
      return undefined;
  }
}

/** What the certificate lacks, for a sentence. */
export function nameInWords(identity: CertificateIdentity = "none"): string {
  switch (identity) {
    case "common_name":
      return "common name";
    case "san":
      return "subject alternative name";
    default:
      return "subject";
  }
}
