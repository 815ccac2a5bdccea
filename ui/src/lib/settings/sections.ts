export interface Section {
  path: string;
  title: string;
  /** Admins alone see it. */
  adminOnly: boolean;
}

export const SETTINGS = "/admin/settings";

/** The pages of the settings, in their order. */
export const SECTIONS: readonly Section[] = [
  { path: `${SETTINGS}/keys`, title: "Keys", adminOnly: true },
  { path: `${SETTINGS}/people`, title: "People", adminOnly: true },
  { path: `${SETTINGS}/channels`, title: "Channels", adminOnly: false },
  { path: `${SETTINGS}/retention`, title: "Retention", adminOnly: false },
  { path: `${SETTINGS}/audit`, title: "Audit", adminOnly: true },
  { path: `${SETTINGS}/usage`, title: "Usage", adminOnly: false },
];
