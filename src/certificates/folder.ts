/**
 * The folder that `broker cert` keeps its certificates and keys in.
 *
 * Owns the names of the files, their modes, and the record of what was made here, by which the broker
 * knows that it may renew. Invariants: a file that was not made here, or that somebody has changed
 * since, is never written to; the record knows a new file before it is there, so that a power cut
 * leaves nothing that is not known.
 */

import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { NEW_FILE_MODE, replaceFile } from "../access/replace_file.ts";
import { KEY_TYPES, type KeyType } from "./keys.ts";

export const CA_FILE = "ca.pem";
export const CA_KEY_FILE = "ca-key.pem";
export const SERVER_FILE = "server.pem";
export const SERVER_KEY_FILE = "server-key.pem";
export const RECORD_FILE = "broker-cert.json";

/** What was made, and how it is to be made again. */
export interface CertificateRecord {
  readonly keyType: KeyType;
  /** How long the server's certificate is valid. */
  readonly days: number;
  /** Names that were asked for, besides those that the host has. */
  readonly addedNames: readonly string[];
  /** Everything the server's certificate is for. */
  readonly serverNames: readonly string[];
  /** SHA-256 of the contents of each file: the newest, and the one before. */
  readonly files: Readonly<Record<string, readonly string[]>>;
}

const ABOUT = "Made by 'broker cert'. Without this file, nothing beside it is renewed.";
const PUBLIC_MODE = 0o644;

/** The folder of a certificate file that `broker cert` may have made; undefined by its name alone. */
export function folderOfServerFile(path: string): string | undefined {
  return basename(path) === SERVER_FILE ? dirname(path) : undefined;
}

export class CertificateFolder {
  readonly path: string;
  #record: CertificateRecord | undefined;

  private constructor(path: string, record: CertificateRecord | undefined) {
    this.path = path;
    this.#record = record;
  }

  /** Throws when there is a record that cannot be read. */
  static open(path: string): CertificateFolder {
    const file = join(path, RECORD_FILE);
    const text = readIfThere(file);
    return new CertificateFolder(path, text === undefined ? undefined : parseRecord(file, text));
  }

  /** Undefined: nothing was made here yet. */
  get record(): CertificateRecord | undefined {
    return this.#record;
  }

  pathOf(name: string): string {
    return join(this.path, name);
  }

  /** The text of a file, undefined when it is not there. Throws when it was not made here. */
  readOwn(name: string): string | undefined {
    const text = readIfThere(this.pathOf(name));
    if (text === undefined || this.#record?.files[name]?.includes(hashOf(text))) return text;
    throw new Error(
      `Cannot use '${
        this.pathOf(name)
      }': it is there already, and 'broker cert' did not make it, ` +
        "or it was changed since. Name another folder with --dir",
    );
  }

  /**
   * Writes files and what is known of them. Throws, without any change, when one of the files is not
   * ours, and what the file system throws.
   */
  write(
    files: Readonly<Record<string, string>>,
    known: Omit<CertificateRecord, "files">,
  ): void {
    const hashes = { ...this.#record?.files };
    for (const [name, text] of Object.entries(files)) {
      const old = this.readOwn(name);
      hashes[name] = [hashOf(text), ...(old === undefined ? [] : [hashOf(old)])];
    }
    Deno.mkdirSync(this.path, { recursive: true });
    this.#writeRecord({ ...known, files: hashes });
    for (const [name, text] of Object.entries(files)) {
      writeFile(this.pathOf(name), text, /-key\.pem$/.test(name) ? NEW_FILE_MODE : PUBLIC_MODE);
    }
  }

  #writeRecord(record: CertificateRecord): void {
    const text = `${JSON.stringify({ about: ABOUT, ...record }, undefined, 2)}\n`;
    writeFile(this.pathOf(RECORD_FILE), text, NEW_FILE_MODE);
    this.#record = record;
  }
}

/** What the superuser makes in the folder of somebody else, that one must be able to read. */
function writeFile(path: string, text: string, mode: number): void {
  const { uid, gid } = Deno.statSync(dirname(path));
  const isForOwner = Deno.build.os !== "windows" && Deno.uid() === 0 && uid !== null &&
    gid !== null;
  replaceFile(path, text, { mode, owner: isForOwner ? { uid, gid } : undefined });
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function parseRecord(file: string, text: string): CertificateRecord {
  try {
    const record: unknown = JSON.parse(text);
    if (isRecord(record)) return record;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(`Cannot read '${file}': it is not as 'broker cert' writes it`);
}

function isRecord(value: unknown): value is CertificateRecord {
  if (typeof value !== "object" || value === null) return false;
  const { keyType, days, addedNames, serverNames, files } = value as Record<string, unknown>;
  return KEY_TYPES.some((type) => type === keyType) && Number.isSafeInteger(days) &&
    isTextList(addedNames) && isTextList(serverNames) &&
    typeof files === "object" && files !== null && Object.values(files).every(isTextList);
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
