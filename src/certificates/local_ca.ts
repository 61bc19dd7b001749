/**
 * The local CA of a folder: makes it, and keeps certificates of the broker and of clients up to date.
 *
 * Owns when a certificate is made anew, and that it keeps its key unless asked otherwise: devices may
 * know the key. What is written where is `folder.ts`'s. Loads the ASN.1 library.
 */

import { belongsTogether, endOf } from "./facts.ts";
import {
  CA_FILE,
  CA_KEY_FILE,
  type CertificateFolder,
  type CertificateRecord,
  SERVER_FILE,
  SERVER_KEY_FILE,
} from "./folder.ts";
import { mergeNames, missingNames } from "./host_names.ts";
import {
  CLIENT_DAYS,
  issueClient,
  type Issued,
  issueServer,
  makeCa,
  MAX_COMMON_NAME,
  MAX_SERVER_DAYS,
} from "./issue.ts";
import type { KeyType } from "./keys.ts";
import { isDue } from "./renewal_time.ts";

/** What is wanted of a certificate, whatever it is for. */
export interface CertificateRequest {
  /** Undefined: as before, or the default. */
  readonly keyType: KeyType | undefined;
  readonly days: number | undefined;
  /** Make a new certificate although the old one is good. */
  readonly renew: boolean;
  /** Make a new certificate, with another key. */
  readonly newKey: boolean;
  readonly nowMs: number;
}

export interface ServerRequest extends CertificateRequest {
  /** The names that this host has by itself. */
  readonly hostNames: readonly string[];
  /** More names; those of earlier requests are kept. */
  readonly addedNames: readonly string[];
  /** Make another CA; what the old one signed is worth nothing then. */
  readonly newCa: boolean;
}

export interface ClientRequest extends CertificateRequest {
  readonly username: string;
}

/** What is in the folder now. */
export interface CertificateState extends Issued {
  /** The CA's certificate. */
  readonly ca: string;
  /** Whether the CA was made just now. */
  readonly isNewCa: boolean;
  /** Why the certificate was made just now; undefined when the old one is good. */
  readonly madeBecause: string | undefined;
}

export interface ServerState extends CertificateState {
  readonly names: readonly string[];
}

export interface ClientState extends CertificateState {
  /** The names of its files in the folder. */
  readonly file: string;
  readonly keyFile: string;
}

/** Makes what is missing or due. Throws when something is in the way, and then changes nothing. */
export async function ensureServer(
  folder: CertificateFolder,
  request: ServerRequest,
): Promise<ServerState> {
  const { record } = folder;
  const isNewCa = request.newCa || record === undefined;
  refuseOtherKeyType(folder, request);
  const keyType = request.keyType ?? record?.keyType ?? "ec";
  const days = request.days ?? record?.days ?? MAX_SERVER_DAYS;
  const certificate = folder.readOwn(SERVER_FILE);
  const oldKey = folder.readOwn(SERVER_KEY_FILE);
  const oldCa = { certificate: folder.readOwn(CA_FILE), key: folder.readOwn(CA_KEY_FILE) };
  const addedNames = mergeNames(record?.addedNames ?? [], request.addedNames);
  const names = mergeNames(request.hostNames, addedNames);
  const madeBecause = isNewCa
    ? "there is a new CA"
    : reasonToMake(certificate, oldKey, { ...request, days }) ??
      changesOf(record, request, addedNames);
  if (madeBecause === undefined && record !== undefined && oldCa.certificate !== undefined) {
    const kept = { certificate: certificate ?? "", key: oldKey ?? "", ca: oldCa.certificate };
    return { ...kept, isNewCa, madeBecause, names: record.serverNames };
  }
  const ca = isNewCa
    ? await makeCa({ keyType, commonName: caName(names), nowMs: request.nowMs })
    : requireCa(folder, oldCa);
  const keepsKey = !isNewCa && !request.newKey;
  const key = keepsKey ? oldKey : undefined;
  const issued = await issueServer(ca, { names, days, key, keyType, nowMs: request.nowMs });
  const files = {
    ...(isNewCa ? { [CA_KEY_FILE]: ca.key, [CA_FILE]: ca.certificate } : {}),
    ...(issued.key === oldKey ? {} : { [SERVER_KEY_FILE]: issued.key }),
    [SERVER_FILE]: issued.certificate,
  };
  folder.write(files, { keyType, days, addedNames, serverNames: names });
  return { ...issued, ca: ca.certificate, isNewCa, madeBecause, names };
}

/** The same for a client; the CA must be there. */
export async function ensureClient(
  folder: CertificateFolder,
  request: ClientRequest,
): Promise<ClientState> {
  const { record } = folder;
  if (record === undefined) {
    throw new Error(
      `Cannot make a client certificate: there is no CA in '${folder.path}'. ` +
        "'broker cert' makes one",
    );
  }
  const { username, days = CLIENT_DAYS, nowMs } = request;
  const keyType = request.keyType ?? record.keyType;
  const file = clientFile(username);
  const keyFile = clientKeyFile(username);
  const certificate = folder.readOwn(file);
  const oldKey = folder.readOwn(keyFile);
  const ca = requireCa(folder, {
    certificate: folder.readOwn(CA_FILE),
    key: folder.readOwn(CA_KEY_FILE),
  });
  const state = { ca: ca.certificate, isNewCa: false, file, keyFile };
  const madeBecause = reasonToMake(certificate, oldKey, { ...request, days });
  if (madeBecause === undefined) {
    return { ...state, certificate: certificate ?? "", key: oldKey ?? "", madeBecause };
  }
  const key = request.newKey ? undefined : oldKey;
  const issued = await issueClient(ca, { username, days, key, keyType, nowMs });
  folder.write({
    ...(issued.key === oldKey ? {} : { [keyFile]: issued.key }),
    [file]: issued.certificate,
  }, record);
  return { ...state, ...issued, madeBecause };
}

function clientFile(username: string): string {
  return `client-${inFileName(username)}.pem`;
}

function clientKeyFile(username: string): string {
  return `client-${inFileName(username)}-key.pem`;
}

/**
 * Characters that are special in file names are written as in addresses: "a/b" is "a%2Fb". So is the
 * hyphen of "ann-key": the certificate of that user must not lie where the key of "ann" does.
 */
function inFileName(username: string): string {
  return username.replace(/[\p{Cc}%/\\:*?"<>|]|-(?=key$)/giu, (character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase();
    return `%${code.padStart(2, "0")}`;
  });
}

/** Undefined: there is one that is good for a while. */
function reasonToMake(
  certificate: string | undefined,
  key: string | undefined,
  { renew, newKey, days, nowMs }: CertificateRequest & { readonly days: number },
): string | undefined {
  if (certificate === undefined) return "there was none";
  if (key === undefined) return "its key was not there";
  if (!belongsTogether(certificate, key)) return "it was not the one of its key";
  if (newKey) return "a new key was asked for";
  if (renew) return "it was asked for";
  const endsAtMs = endOf(certificate);
  if (endsAtMs <= nowMs) return "the old one had ended";
  return isDue(endsAtMs, days, nowMs) ? "the old one ends soon" : undefined;
}

/** What makes a server's certificate another one than the one there is. */
function changesOf(
  record: CertificateRecord,
  { days, hostNames }: ServerRequest,
  addedNames: readonly string[],
): string | undefined {
  if (days !== undefined && days !== record.days) return `it is to be valid for ${days} days`;
  const missing = missingNames(record.serverNames, hostNames, addedNames);
  return missing.length === 0 ? undefined : `the old one lacks ${missing.join(", ")}`;
}

/** Devices that need RSA need it from the CA as well. */
function refuseOtherKeyType({ path, record }: CertificateFolder, request: ServerRequest): void {
  const { keyType, newCa } = request;
  if (record === undefined || newCa || keyType === undefined || keyType === record.keyType) return;
  throw new Error(
    `Cannot make a certificate of type ${keyType}: the CA in '${path}' is of type ` +
      `${record.keyType}. Name another folder with --dir, or make another CA with --new-ca`,
  );
}

function requireCa(
  folder: CertificateFolder,
  { certificate, key }: { certificate: string | undefined; key: string | undefined },
): Issued {
  if (certificate !== undefined && key !== undefined) return { certificate, key };
  const file = folder.pathOf(certificate === undefined ? CA_FILE : CA_KEY_FILE);
  throw new Error(
    `Cannot make a certificate: '${file}' is not there. Put it back, or make another CA with --new-ca`,
  );
}

/** Says whose it is; the random part tells CAs of one host apart. */
function caName([host = "host"]: readonly string[]): string {
  const suffix = ` CA ${crypto.randomUUID().slice(0, 8)}`;
  return `${host.slice(0, MAX_COMMON_NAME - suffix.length)}${suffix}`;
}
