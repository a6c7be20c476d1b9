// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import type { PageProps } from "../pages.js";
import { UserPage } from "./user.js";
import { AddUser, EditUser } from "./user-form.js";
import { UserListPage } from "./user-list.js";
import { UserFiles } from "./users-files.js";

/** Users: the list, one of them, the forms. */
export function Users({ rest }: PageProps): JSX.Element {
	const [first, second] = rest;
	if (first === undefined) return <UserListPage />;
	if (first === "new") return <AddUser />;
	if (first === "files") return <UserFiles />;
	return second === "edit" ? <EditUser key={first} id={first} /> : <UserPage key={first} id={first} />;
}
