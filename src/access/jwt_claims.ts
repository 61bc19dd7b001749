/**
 * Who a token is about: the claims with the user name and the groups.
 *
 * Owns the reading of claims whose token was verified before. Invariant: a claim of a form that is not
 * expected makes the token useless; it is never taken for an empty one, for a rule may deny a group
 * something.
 */

/** The names of the claims; `realm_access.roles` is `roles` within `realm_access`. */
export interface ClaimNames {
  readonly usernameClaim: string;
  readonly groupsClaim: string;
}

export interface TokenIdentity {
  readonly username: string;
  readonly groups: readonly string[];
}

/** Claims by their names. */
export type Claims = Readonly<Record<string, unknown>>;

/** Bytes that MQTT has room for in a name. */
const MAXIMUM_NAME_BYTES = 65_535;

/** The user and the groups, or why the token does not say. */
export function identityOf(
  claims: Claims,
  { usernameClaim, groupsClaim }: ClaimNames,
): TokenIdentity | string {
  const username = claimOf(claims, usernameClaim);
  if (username === undefined) return `the token has no claim '${usernameClaim}'`;
  if (!isName(username)) return `the token's claim '${usernameClaim}' is no user name`;
  const groups = groupsOf(claimOf(claims, groupsClaim));
  if (groups === undefined) {
    return `the token's claim '${groupsClaim}' is neither a list of names nor a text`;
  }
  return { username, groups };
}

/** Text that can be a name: not empty, and without control characters. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAXIMUM_NAME_BYTES &&
    value.isWellFormed() && !/\p{Cc}/u.test(value) &&
    new TextEncoder().encode(value).length <= MAXIMUM_NAME_BYTES;
}

/** A name with a dot is first looked for as it is: a claim's name may be a URL. */
function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const key of name.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Claims)[key];
  }
  return value;
}

/** RFC 8693 section 4.2 writes a list as a text with blanks. Undefined: it is no list. */
function groupsOf(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return [];
  if (typeof value === "string") return groupsOf(value.split(" ").filter((name) => name !== ""));
  if (!Array.isArray(value) || !value.every(isName)) return undefined;
  return [...new Set(value)];
}
