// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { del, post } from "../api.js";
import { may } from "../me.js";
import { confirm } from "../parts/dialog.js";
import { Act } from "../parts/form.js";
import { say } from "../parts/notice.js";
import { go } from "../router.js";
import type { User } from "../users.js";
import { privacyWords } from "../words/privacy.js";

/** What is held of a person: given out, or forgotten. */
export function UserPrivacy({ user: { id, name } }: { user: User }): JSX.Element | null {
	const t = privacyWords();
	if (!may("administrator")) return null;
	const path = `/api/users/${encodeURIComponent(id)}`;
	const forget = async (): Promise<void> => {
		const question = { title: t.forgetTitle(name), text: t.forgetText, act: t.forget, isGrave: true };
		if (!(await confirm(question))) return;
		await del(path);
		await post(`${path}/erase`);
		go("/users");
		say(t.isForgotten);
	};
	return (
		<details>
			<summary>{t.title}</summary>
			<p>
				<a class="button" href={`${path}/export`} download>
					{t.giveOut}
				</a>
			</p>
			<Act kind="grave" label={t.forget} onAct={forget} />
		</details>
	);
}
