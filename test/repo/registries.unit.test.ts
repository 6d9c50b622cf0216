/** Lists that hold each other up: checks, steps, phases, commands. */
import { describe, expect, it } from "vitest";
import { CHECKS } from "../../cli/src/checks/index.ts";
import { COMMANDS } from "../../cli/src/commands/index.ts";
import { PHASES } from "../../cli/src/phases/index.ts";
import { PHASE_IDS } from "../../cli/src/phases/phase.ts";

describe("ids", () => {
  const duplicates = (ids: readonly string[]) => ids.filter((id, index) => ids.indexOf(id) !== index);

  it("of checks, commands and steps are unique", () => {
    expect(duplicates(CHECKS.map(({ id }) => id))).toEqual([]);
    expect(duplicates(COMMANDS.map(({ name }) => name))).toEqual([]);
    expect(duplicates(PHASES.flatMap(({ steps }) => steps.map(({ id }) => id)))).toEqual([]);
  });

  it("are seen when they stand twice", () => {
    expect(duplicates(["PG-01", "PG-02", "PG-01"])).toEqual(["PG-01"]);
  });
});

describe("a check", () => {
  interface Ordered {
    readonly id: string;
    readonly dependsOn: readonly string[];
  }

  /** Dependencies that do not stand above the check, or nowhere. */
  function misplaced(checks: readonly Ordered[]): readonly string[] {
    const order = new Map(checks.map(({ id }, index) => [id, index]));
    return checks.flatMap(({ id, dependsOn }, index) =>
      dependsOn
        .filter((other) => (order.get(other) ?? Number.POSITIVE_INFINITY) >= index)
        .map((other) => `${id} → ${other}`),
    );
  }

  it("stands below everything it depends on", () => {
    expect(misplaced(CHECKS)).toEqual([]);
  });

  it("is seen above what it depends on, and with a dependency that does not exist", () => {
    const checks = [
      { id: "A", dependsOn: ["B"] },
      { id: "B", dependsOn: ["C"] },
      { id: "D", dependsOn: ["A"] },
    ];
    expect(misplaced(checks)).toEqual(["A → B", "B → C"]);
  });

  it("says how to mend it", () => {
    expect(CHECKS.filter(({ fix }) => fix.summary.length < 5).map(({ id }) => id)).toEqual([]);
  });
});

describe("a step", () => {
  interface Proven {
    readonly id: string;
    readonly proves: readonly string[];
  }

  /** Steps that no check proves, and checks that a step names and nobody has. */
  function unproven(steps: readonly Proven[], ids: readonly string[]): readonly string[] {
    return steps.flatMap(({ id, proves }) =>
      proves.length === 0 ? [id] : proves.filter((check) => !ids.includes(check)).map((check) => `${id} → ${check}`),
    );
  }

  it("is proven by checks that exist", () => {
    const ids = CHECKS.map(({ id }) => id);
    const steps = PHASES.flatMap((phase) => phase.steps);
    expect(unproven(steps, ids)).toEqual([]);
  });

  it("is seen when nothing proves it", () => {
    const steps = [
      { id: "up/rag", proves: ["ID-03"] },
      { id: "up/portal", proves: [] },
      { id: "up/directus", proves: ["ID-99"] },
    ];
    expect(unproven(steps, ["ID-03"])).toEqual(["up/portal", "up/directus → ID-99"]);
  });
});

describe("a phase", () => {
  interface Needing {
    readonly id: string;
    readonly needs: readonly string[];
  }

  const premature = (phases: readonly Needing[]) =>
    phases.flatMap(({ id, needs }, index) => {
      const before = phases.slice(0, index).map((phase) => phase.id);
      return needs.filter((other) => !before.includes(other)).map((other) => `${id} → ${other}`);
    });

  it("comes in boot order, after what it needs", () => {
    expect([...PHASES.map(({ id }) => id), "doctor"]).toEqual([...PHASE_IDS]);
    expect(premature(PHASES)).toEqual([]);
  });

  it("is seen before what it needs", () => {
    const phases = [
      { id: "seed", needs: ["migrate"] },
      { id: "migrate", needs: [] },
    ];
    expect(premature(phases)).toEqual(["seed → migrate"]);
  });
});
