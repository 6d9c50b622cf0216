/** Names of places inside a page, so that each can be linked: they are part of addresses that people keep, and never change. Pure. */

/** Other letters than these would have to be escaped in an address. */
const plain = (text: string) => text.replaceAll(/[^A-Za-z0-9._-]/g, "-");

export const agentAnchor = (name: string) => `agent-${plain(name)}`;
/** Where a claim stands among others; on its task's page it is an epoch. */
export const claimAnchor = ({ task, epoch }: { readonly task: number; readonly epoch: number }) =>
  `claim-${task}-${epoch}`;
export const epochAnchor = (epoch: number) => `epoch-${epoch}`;
export const verdictAnchor = (epoch: number) => `verdict-${epoch}`;
/** `id`: the note's uuid. */
export const noteAnchor = (id: string) => `note-${id}`;
export const phaseAnchor = ({ project, key }: { readonly project: string; readonly key: string }) =>
  `phase-${plain(project)}-${plain(key)}`;
