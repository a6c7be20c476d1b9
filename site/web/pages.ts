// SPDX-License-Identifier: Apache-2.0

import type { ComponentType } from "preact";
import type { Role } from "./me.js";
import { Account } from "./pages/account.js";
import { Invitations } from "./pages/invitations.js";
import { Start } from "./pages/start.js";
import { Users } from "./pages/users.js";
import type { shellWords } from "./words/shell.js";

export interface PageProps {
	/** Segments of the address behind the page's own: of `/users/7` there is "7". */
	readonly rest: readonly string[];
}

export interface Page {
	/** Its first segment; "" is the start. */
	readonly path: string;
	/** Of its name in `words/shell.ts`. */
	readonly name: keyof ReturnType<typeof shellWords>["pages"];
	readonly component: ComponentType<PageProps>;
	/** Who may see it, and has it in the menu. */
	readonly role: Role;
	/** Elsewhere than in the menu. */
	readonly isApart?: true;
}

/** In the order of the menu. */
export const PAGES: readonly Page[] = Object.freeze([
	{ path: "", name: "start", component: Start, role: "viewer" },
	{ path: "users", name: "users", component: Users, role: "viewer" },
	{ path: "invitations", name: "invitations", component: Invitations, role: "viewer" },
	{ path: "account", name: "account", component: Account, role: "viewer", isApart: true },
]);
