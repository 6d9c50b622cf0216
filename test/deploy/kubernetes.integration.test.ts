/** Kustomize's own word on the base. Without kubectl the test is skipped, and kubernetes.unit.test.ts is all that looks. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { findCommand, launch } from "../launcher/launch.ts";
import { CHECKOUT } from "./deploy-files.ts";
import { findFaults } from "./kubernetes-schema.ts";

const kubectl = findCommand("kubectl");

test.skipIf(kubectl === null)(
  "the base builds, and every object of it is in the namespace and what the API takes",
  async () => {
    const args = ["kustomize", join(CHECKOUT, "deploy", "kubernetes")];
    const { exit, stdout, stderr } = await launch(kubectl ?? "", { path: "/usr/bin:/bin", args, cwd: CHECKOUT });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    const objects = parseAllDocuments(stdout).map((document) => document.toJS());
    expect(objects.length).toBeGreaterThan(15);
    for (const object of objects) {
      expect(findFaults(object)).toEqual([]);
      expect(object.kind === "Namespace" ? object.metadata.name : object.metadata.namespace).toBe("muster");
    }
  },
);
