import type { Check } from "./check.ts";
import {
  containersAreOurs,
  containersHardened,
  containersHealthy,
  imagesLocked,
  memoryHolds,
  noCrashLoop,
  noDrift,
  nothingStrange,
} from "./compose/containers.ts";
import { nativePrograms, noWayOut } from "./compose/running.ts";
import { extensionLoaded } from "./directus/extension.ts";
import { licenceLimits } from "./directus/licence.ts";
import {
  accessCurrent,
  metadataCurrent,
  settingsCurrent,
  specialsPresent,
  studioCurrent,
} from "./directus/metadata.ts";
import { directusRoundTrip } from "./directus/round-trip.ts";
import {
  isolationSaid,
  nativeBinaries,
  nothingLeaked,
  servicesUnprivileged,
  servicesWatched,
} from "./embedded/processes.ts";
import { hostArchitecture } from "./host/architecture.ts";
import { hostBuilds } from "./host/builds.ts";
import { configRecorded } from "./host/config-recorded.ts";
import { hostDisk } from "./host/disk.ts";
import { hostMemory } from "./host/memory.ts";
import { stateModes } from "./host/state-modes.ts";
import { oneInstance } from "./identity/one-instance.ts";
import { postgresIdentity } from "./identity/postgres-identity.ts";
import { replayRefused } from "./identity/replay-refused.ts";
import { signedService } from "./identity/signed-service.ts";
import { journalSound, noPendingIntent } from "./loop/journal.ts";
import { nothingPending } from "./loop/nothing-pending.ts";
import { servicesKeepRunning } from "./ops/keeps-ending.ts";
import { backedUp } from "./ops/last-backup.ts";
import { residentAsMeasured } from "./ops/resident-memory.ts";
import { stackWithinMemory } from "./ops/stack-memory.ts";
import { portsExclusive, portsOwned } from "./ports/ports-owned.ts";
import { catalogOwned, catalogSound, orphansAbsent } from "./postgres/catalog.ts";
import { externalSound } from "./postgres/external.ts";
import { ledgerCurrent } from "./postgres/ledger.ts";
import { appRolesConnect, checksumsHold, rolesAreModest, wantedVersion } from "./postgres/server.ts";
import { answersKeepSecrets } from "./security/answers-keep-secrets.ts";
import { filesKeepSecrets } from "./security/files-keep-secrets.ts";
import { strangersRefused } from "./security/refusals.ts";
import { secretStrength } from "./security/secret-strength.ts";
import { secretsAreLive } from "./security/secrets-live.ts";
import { portalShowsBoard } from "./services/portal-board.ts";
import { ragReadsTheCheckout } from "./services/rag-copies.ts";
import { ragHealthy, ragWithoutLosses } from "./services/rag-health.ts";
import { ragFindsFact } from "./services/rag-search.ts";
import { certificateValid } from "./tls/certificate.ts";
import { chainVerified } from "./tls/chain.ts";
import { hstsAsWanted } from "./tls/hsts.ts";
import { plainRedirects } from "./tls/redirect.ts";
import { checkpointsTaken } from "./trail/checkpoints.ts";
import { agentsWired } from "./wiring/agents.ts";
import { constitutionCurrent } from "./wiring/client-files.ts";
import { mcpAnswers, mcpEnabled, verbsAnswer } from "./wiring/mcp.ts";
import { memoryAnswers } from "./wiring/memory-mcp.ts";
import { seeded } from "./wiring/seeded.ts";

/**
 * Every check, in boot order: what a check depends on stands above it, so that the first red line is the first cause.
 * Adding one is a file and a line here.
 */
export const CHECKS: readonly Check[] = [
  hostMemory,
  hostDisk,
  hostArchitecture,
  hostBuilds,
  stateModes,
  secretStrength,
  configRecorded,
  filesKeepSecrets,
  servicesWatched,
  containersHealthy,
  noCrashLoop,
  nothingStrange,
  noDrift,
  containersAreOurs,
  memoryHolds,
  imagesLocked,
  portsOwned,
  portsExclusive,
  postgresIdentity,
  signedService("ID-02", "directus"),
  signedService("ID-03", "rag"),
  signedService("ID-04", "portal"),
  oneInstance,
  replayRefused,
  appRolesConnect,
  wantedVersion,
  externalSound,
  ledgerCurrent,
  catalogSound,
  orphansAbsent,
  checksumsHold,
  catalogOwned,
  rolesAreModest,
  secretsAreLive,
  strangersRefused,
  answersKeepSecrets,
  directusRoundTrip,
  accessCurrent,
  metadataCurrent,
  specialsPresent,
  settingsCurrent,
  studioCurrent,
  licenceLimits,
  seeded,
  agentsWired,
  extensionLoaded,
  mcpEnabled,
  mcpAnswers,
  verbsAnswer,
  constitutionCurrent,
  ragFindsFact,
  ragHealthy,
  ragWithoutLosses,
  ragReadsTheCheckout,
  memoryAnswers,
  portalShowsBoard,
  nativeBinaries,
  nativePrograms,
  servicesUnprivileged,
  containersHardened,
  nothingLeaked,
  isolationSaid,
  noWayOut,
  certificateValid,
  plainRedirects,
  hstsAsWanted,
  chainVerified,
  checkpointsTaken,
  stackWithinMemory,
  backedUp,
  servicesKeepRunning,
  residentAsMeasured,
  journalSound,
  noPendingIntent,
  nothingPending,
];
