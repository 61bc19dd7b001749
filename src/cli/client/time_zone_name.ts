/**
 * The abbreviation of the local time zone (`CET`, `CEST`), which JavaScript knows for few zones only.
 *
 * Owns where the system keeps it: the last line of a time zone file (RFC 9636, section 3.3) has the
 * names and offsets of the rule in force. Without such a file it is what Intl says. Invariant: the name
 * belongs to the offset that is asked for.
 */

const ZONE_FOLDER = "/usr/share/zoneinfo";

/** The names of a POSIX `TZ` rule: standard time, and daylight saving time if there is one. */
export interface ZoneRule {
  readonly name: string;
  /** Minutes east of Greenwich. */
  readonly offset: number;
  readonly daylight: { readonly name: string; readonly offset: number } | undefined;
}

const NAME = "([A-Za-z]{3,}|<[^>]+>)";
const OFFSET = "([+-]?\\d{1,3}(?::\\d{2}){0,2})";
const RULE = new RegExp(`^${NAME}${OFFSET}(?:${NAME}${OFFSET}?(?:,.*)?)?$`);

/** Reads "CET-1CEST,M3.5.0,M10.5.0/3"; `undefined` when it is no rule. */
export function parseZoneRule(text: string): ZoneRule | undefined {
  const match = RULE.exec(text);
  if (match === null) return undefined;
  const [, name, west, daylightName, daylightWest] = match;
  const offset = minutesEast(west as string);
  const daylight = daylightName === undefined ? undefined : {
    name: plainName(daylightName),
    offset: daylightWest === undefined ? offset + 60 : minutesEast(daylightWest),
  };
  return { name: plainName(name as string), offset, daylight };
}

/** The name that `rule` has for an offset; `undefined` when the rule does not know the offset. */
export function ruleName(rule: ZoneRule, offset: number): string | undefined {
  if (rule.offset === offset) return rule.name;
  return rule.daylight?.offset === offset ? rule.daylight.name : undefined;
}

let known: { readonly zone: string; readonly rule: ZoneRule | undefined } | undefined;

/** The local zone's name at `ms` (milliseconds since 1970). */
export function timeZoneName(ms: number): string {
  const zone = Deno.env.get("TZ") ?? "";
  if (known?.zone !== zone) known = { zone, rule: readZoneRule(zone) };
  const offset = -new Date(ms).getTimezoneOffset();
  const name = known.rule === undefined ? undefined : ruleName(known.rule, offset);
  return name ?? intlName(ms);
}

function readZoneRule(zone: string): ZoneRule | undefined {
  const name = zone.startsWith(":") ? zone.slice(1) : zone;
  const path = name === ""
    ? "/etc/localtime"
    : name.startsWith("/")
    ? name
    : `${ZONE_FOLDER}/${name}`;
  try {
    const text = new TextDecoder("latin1").decode(Deno.readFileSync(path));
    return parseZoneRule(text.trimEnd().split("\n").at(-1) as string);
  } catch {
    // No such file: the rule may be in TZ itself, as POSIX has it.
    return parseZoneRule(name);
  }
}

function intlName(ms: number): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" }).formatToParts(ms);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "UTC";
}

function plainName(name: string): string {
  return name.replace(/^<|>$/g, "");
}

/** POSIX counts hours west of Greenwich. */
function minutesEast(west: string): number {
  const [hours, minutes] = west.split(":");
  const total = Math.abs(Number(hours)) * 60 + Number(minutes ?? 0);
  return west.startsWith("-") || total === 0 ? total : -total;
}
