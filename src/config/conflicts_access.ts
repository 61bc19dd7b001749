/**
 * Users, roles and ways to log in that do not fit together.
 *
 * Owns the rules between them: names are unique, and what a role is for exists, as far as it can be
 * known.
 */

import { type Conflict, useless } from "./conflict.ts";
import { listenerNames } from "./derived.ts";
import { nearest } from "./nearest.ts";
import type { PathStep } from "./path.ts";
import type { RawValues } from "./raw_values.ts";
import { asText } from "./text_forms.ts";

const KEYS_OF_JWT = ["key", "key_file", "jwks_file"];

/** Every contradiction in users, roles and authentication. */
export function accessConflicts(values: RawValues): Conflict[] {
  return [
    ...repeatedNames(values, "users"),
    ...repeatedNames(values, "roles"),
    ...rolesForNobody(values),
    ...rolesWithoutMeaning(values),
    ...jwtConflicts(values),
    ...httpConflicts(values),
  ];
}

function repeatedNames(values: RawValues, list: "users" | "roles"): Conflict[] {
  const names = itemPaths(values, [list]).map((path) => textAt(values, [...path, "name"]));
  return names.flatMap((name, index) => {
    const earlier = names.indexOf(name);
    if (name === undefined || earlier === index) return [];
    const path = [list, index, "name"];
    return [useless(path, `${values.shown(path)} is the name of '${list}[${earlier}]'`)];
  });
}

/** Users, groups and listeners that roles name and nothing else does. */
function rolesForNobody(values: RawValues): Conflict[] {
  const users = itemPaths(values, ["users"]);
  const userNames = users.map((path) => textAt(values, [...path, "name"]));
  const groupNames = users.flatMap((path) => textsAt(values, [...path, "groups"]));
  const listeners = values.at(["listeners"]);
  const names = listenerNames(
    Array.isArray(listeners) ? listeners : [{}],
    (index, key) => values.isSecret(["listeners", index, key]),
  );
  return itemPaths(values, ["roles"]).flatMap((path) => [
    ...(hasOtherUsers(values) ? [] : unknownNames(values, [...path, "users"], "user", userNames)),
    ...(hasOtherGroups(values)
      ? []
      : unknownNames(values, [...path, "groups"], "group", groupNames)),
    ...unknownNames(values, [...path, "listeners"], "listener", names),
  ]);
}

/** `anonymous: false` beside no users or groups reads like "nobody anonymous", and restricts nothing. */
function rolesWithoutMeaning(values: RawValues): Conflict[] {
  return itemPaths(values, ["roles"]).flatMap((path) => {
    const isFalse = values.at([...path, "anonymous"]) === false;
    const names = ["users", "groups"].filter((key) => values.at([...path, key]) !== undefined);
    if (!isFalse || names.length > 0) return [];
    return [
      useless([...path, "anonymous"], "the role names no users and no groups, so it is for all"),
    ];
  });
}

function unknownNames(
  values: RawValues,
  list: readonly PathStep[],
  kind: "user" | "group" | "listener",
  known: readonly (string | undefined)[],
): Conflict[] {
  const names = known.filter((name) => name !== undefined);
  return itemPaths(values, list).flatMap((path) => {
    const name = textAt(values, path);
    if (name === undefined || names.includes(name) || values.isUnknown(path)) return [];
    const isSecret = values.isSecret(path);
    const near = isSecret ? undefined : nearest(name, names);
    const what = isSecret ? `${kind} of this name` : `${kind} '${asShown(name)}'`;
    const hint = near === undefined ? undefined : `did you mean '${near}'?`;
    return [useless(path, `there is no ${what}`, hint)];
  });
}

/** Whether users may exist that the file does not name. */
function hasOtherUsers(values: RawValues): boolean {
  const { length } = itemPaths(values, ["authentication", "password_files"]);
  const byCertificate = itemPaths(values, ["listeners"]).some((path) =>
    values.isGiven([...path, "tls", "identity"])
  );
  return length > 0 || byCertificate || hasOtherGroups(values);
}

/** Tokens and other programs say what groups somebody is in. */
function hasOtherGroups(values: RawValues): boolean {
  return KEYS_OF_JWT.some((key) => values.isGiven(["authentication", "jwt", key])) ||
    values.isGiven(["authentication", "http", "url"]);
}

function jwtConflicts(values: RawValues): Conflict[] {
  const path = ["authentication", "jwt"];
  const keys = KEYS_OF_JWT.filter((key) => values.isGiven([...path, key]));
  if (keys.length === 1) return [];
  if (keys.length > 1) {
    return keys.slice(1).map((key) =>
      useless([...path, key], `'${keys[0]}' is given, too; tokens are checked with one of them`)
    );
  }
  const others = ["issuer", "audience", "username_claim", "groups_claim", "algorithms"];
  return others.filter((key) => values.isGiven([...path, key])).slice(0, 1).map((key) =>
    useless(
      [...path, key],
      "there is no key that tokens could be checked with",
      "add one of 'key', 'key_file' and 'jwks_file'",
    )
  );
}

function httpConflicts(values: RawValues): Conflict[] {
  const path = ["authentication", "http"];
  if (values.isGiven([...path, "url"])) return [];
  return ["timeout", "cache", "authorization", "ca"].filter((key) => values.isGiven([...path, key]))
    .map((key) => useless([...path, key], "'url' is missing, and without it nobody is asked"));
}

/** The paths of the items of a list; none when there is no list. */
function itemPaths(values: RawValues, list: readonly PathStep[]): PathStep[][] {
  const items = values.at(list);
  return Array.isArray(items) ? items.map((_, index) => [...list, index]) : [];
}

function textsAt(values: RawValues, list: readonly PathStep[]): (string | undefined)[] {
  return itemPaths(values, list).map((path) => textAt(values, path));
}

function textAt(values: RawValues, path: readonly PathStep[]): string | undefined {
  return asText("name", values.at(path));
}

function asShown(name: string): string {
  return name.length > 40 ? `${name.slice(0, 37)}...` : name;
}
