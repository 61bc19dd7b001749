/**
 * The files that a configuration names, each with the setting that names it.
 *
 * Owns which settings are files and what must be in them. Reads nothing.
 */

import { shellQuoted } from "../config/shell_text.ts";
import type { LoadedSettings } from "../config/load.ts";
import { type PathStep, pathText } from "../config/path.ts";
import { HIDDEN, isMarkedSecret } from "../config/secret.ts";
import { placeOf } from "./finding.ts";

/** What is expected in a file. */
export type FileContent =
  | "acl"
  | "certificate"
  | "crl"
  | "jwks"
  | "key"
  | "passwords"
  | "private key";

/** A file, and where it is named. */
export interface NamedFile {
  readonly content: FileContent;
  /** Absolute. */
  readonly path: string;
  /** The path in quotes for people and commands; of one that is a secret, that it is not shown. */
  readonly shownPath: string;
  /** "broker.yaml:12", the line of the setting. */
  readonly place: string;
  /** "listeners[0].tls.key". */
  readonly setting: string;
}

/** Every file that the settings name, in their order. */
export function namedFiles(loaded: LoadedSettings): NamedFile[] {
  const { settings } = loaded;
  const { authentication } = settings;
  const { jwt } = authentication;
  const listener = settings.listeners.flatMap(({ tls }, index) => {
    const path = ["listeners", index, "tls"];
    return [
      named(loaded, "certificate", tls, "certificate", [...path, "certificate"]),
      named(loaded, "private key", tls, "key", [...path, "key"]),
      named(loaded, "certificate", tls, "clientCa", [...path, "client_ca"]),
      named(loaded, "crl", tls, "crl", [...path, "crl"]),
    ];
  });
  const jwtPath = ["authentication", "jwt"];
  return [
    ...listener,
    ...namedList(loaded, "acl", settings, "aclFiles", ["acl_files"]),
    ...namedList(loaded, "passwords", authentication, "passwordFiles", [
      "authentication",
      "password_files",
    ]),
    named(loaded, "key", jwt, "keyFile", [...jwtPath, "key_file"]),
    named(loaded, "jwks", jwt, "jwksFile", [...jwtPath, "jwks_file"]),
    named(loaded, "certificate", authentication.http, "ca", ["authentication", "http", "ca"]),
  ].filter((file) => file !== undefined);
}

function named<Name extends string>(
  loaded: LoadedSettings,
  content: FileContent,
  section: { readonly [Key in Name]: string | undefined },
  name: Name,
  setting: readonly PathStep[],
): NamedFile | undefined {
  const path = section[name];
  return path === undefined
    ? undefined
    : makeFile(loaded, content, path, isMarkedSecret(section, name), setting);
}

function namedList<Name extends string>(
  loaded: LoadedSettings,
  content: FileContent,
  section: { readonly [Key in Name]: readonly string[] },
  name: Name,
  setting: readonly PathStep[],
): NamedFile[] {
  const isSecret = isMarkedSecret(section, name);
  return section[name].map((path, index) =>
    makeFile(loaded, content, path, isSecret, [...setting, index])
  );
}

function makeFile(
  loaded: LoadedSettings,
  content: FileContent,
  path: string,
  isSecret: boolean,
  setting: readonly PathStep[],
): NamedFile {
  return {
    content,
    path,
    shownPath: isSecret ? HIDDEN : shellQuoted(path),
    place: placeOf(loaded, setting),
    setting: pathText(setting),
  };
}
