/**
 * The runtime flags of the broker: its permissions and its V8 flags.
 *
 * Owns the reading of deno.json, where both are stated once: the permissions in the set
 * "permissions.broker", the V8 flags in the task "start". The executable, the end-to-end tests and
 * the benchmarks take them from here, so none of them runs with more than `deno task start` grants.
 * They are spelt out as --allow-... flags because Deno before 2.5 knows no permission sets.
 *
 * Invariant: a permission that deno.json states in a form unknown here is an error, never ignored.
 */
import { fromFileUrl } from "./paths.ts";

/** The permissions that the broker's set may name. Running programs and native code are not. */
const GRANTABLE = ["net", "read", "write", "env", "sys"];

/** What of deno.json is read here. */
export interface DenoConfig {
  permissions: { broker: Record<string, unknown> };
  tasks: { start: string };
}

/** Reads the repository's deno.json. */
export function readDenoConfig(): DenoConfig {
  const path = fromFileUrl(new URL("../deno.json", import.meta.url));
  return JSON.parse(Deno.readTextFileSync(path)) as DenoConfig;
}

/**
 * Everything between `deno run` (or `deno compile`) and the program, for the broker.
 * Throws an Error when the permission set names something that the broker must not have.
 */
export function runtimeFlags(config: DenoConfig): string[] {
  return ["--no-prompt", ...permissionFlags(config.permissions.broker), ...v8Flags(config)];
}

function permissionFlags(set: Record<string, unknown>): string[] {
  return Object.entries(set).map(([name, granted]) => {
    if (!GRANTABLE.includes(name)) {
      throw new Error(
        `Cannot grant "${name}" to the broker: its permissions are ${GRANTABLE.join(", ")}`,
      );
    }
    if (granted === true) return `--allow-${name}`;
    if (isStringList(granted)) return `--allow-${name}=${granted.join(",")}`;
    throw new Error(`Cannot read permission "${name}": expected true or a list of names`);
  });
}

function isStringList(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 &&
    value.every((item) => typeof item === "string");
}

/** The start task holds them because deno.json has no key for V8 flags. */
function v8Flags(config: DenoConfig): string[] {
  return config.tasks.start.split(/\s+/).filter((word) => word.startsWith("--v8-flags="));
}
