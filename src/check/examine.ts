/**
 * `broker check`, beyond the settings: all probes, one after the other.
 *
 * Owns their list, and what happens when one of them fails. The probes know nothing of each other.
 */

import { messageOf } from "../error_text.ts";
import type { LoadedSettings } from "../config/load.ts";
import { type Examination, type Finding, type Probe, SEVERITIES } from "./finding.ts";
import { probeCertificates } from "./probe_certificates.ts";
import { probeClock } from "./probe_clock.ts";
import { probeContents } from "./probe_contents.ts";
import { probeExposure, probePolicy } from "./probe_exposure.ts";
import { probeFiles } from "./probe_files.ts";
import { probeDescriptors, probeMemory } from "./probe_memory.ts";
import { probePorts } from "./probe_ports.ts";
import { usersNowhere } from "./probe_roles.ts";
import { probeService } from "./probe_service.ts";
import { probeSockets } from "./probe_sockets.ts";
import { probeStore } from "./probe_store.ts";

const PROBES: Readonly<Record<string, Probe>> = {
  "the service": probeService,
  "the ports": probePorts,
  "the Unix sockets": probeSockets,
  "the files": probeFiles,
  "what is in the files": probeContents,
  "the certificates": probeCertificates,
  "the data": probeStore,
  "the clock": probeClock,
  "the memory": probeMemory,
  "the file descriptors": probeDescriptors,
  "who can connect": probePolicy,
  "who can reach it": probeExposure,
};

/** Everything that is found; errors first. Never throws: a probe that fails is a finding. */
export async function examine(
  examination: Examination,
  probes: Readonly<Record<string, Probe>> = PROBES,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [what, probe] of Object.entries(probes)) {
    try {
      findings.push(...await probe(examination));
    } catch (error) {
      const reason = messageOf(error);
      findings.push({
        severity: "warning",
        place: undefined,
        problem: `Cannot look at ${what}: ${reason}`,
        cure: undefined,
      });
    }
  }
  return sorted(findings);
}

/** What the settings say by themselves, whatever machine they are for. */
export function examineSettings(loaded: LoadedSettings): readonly Finding[] {
  // Without the password files, nobody knows who is in them.
  const hasFiles = loaded.settings.authentication.passwordFiles.length > 0;
  const nowhere = hasFiles ? [] : usersNowhere(loaded, new Set());
  return sorted([...probePolicy({ loaded }), ...nowhere]);
}

/** By severity; within one, in the order in which they were found. */
function sorted(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) =>
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)
  );
}
