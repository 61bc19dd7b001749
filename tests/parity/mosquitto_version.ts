/**
 * Which Mosquitto is installed. Owns nothing.
 */

import { isInstalled } from "../support/programs.ts";

/** "2.0.11"; `undefined` when the tools are not installed. */
export function installedVersion(): string | undefined {
  const tools = ["mosquitto_pub", "mosquitto_sub", "mosquitto_rr", "mosquitto_passwd"];
  if (!tools.every(isInstalled)) return undefined;
  const { stdout } = new Deno.Command("mosquitto_sub", { args: ["--version"] }).outputSync();
  return /version (\d+\.\d+\.\d+)/.exec(new TextDecoder().decode(stdout))?.[1];
}

/** Whether that version has what is new in `since`. */
export function isKnownTo(version: string, since: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [sinceMajor = 0, sinceMinor = 0] = since.split(".").map(Number);
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
}
