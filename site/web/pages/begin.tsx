// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { get } from "../api.js";
import { Heading } from "../parts/heading.js";
import { later } from "../parts/later.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { Steps } from "../parts/steps.js";
import { firstRunWords } from "../words/first-run.js";
import { Join } from "./join.js";
import { SignIn } from "./sign-in.js";

const NewSite = later(async () => (await import("./new-site.js")).NewSite);

/** What a server shows to those who are not signed in: a site is to be made, its owner signs up, or people sign in. */
export function Begin({ secret }: { secret: string }): JSX.Element {
	const stage = useLoaded(
		"setup",
		async () => (await get<{ stage: "site" | "running" }>("/api/setup")).stage,
	);
	const hasMade = useSignal(false);
	const made = async (): Promise<void> => {
		hasMade.value = true;
		await stage.again();
	};
	return (
		<Loaded of={stage}>
			{(now) =>
				now === "site" ? (
					secret === "" ? (
						<NoLink />
					) : (
						<NewSite secret={secret} onMade={made} />
					)
				) : secret === "" ? (
					<SignIn />
				) : (
					<>
						{hasMade.value && <Steps at="owner" />}
						<Join secret={secret} />
					</>
				)
			}
		</Loaded>
	);
}

function NoLink(): JSX.Element {
	const t = firstRunWords();
	return (
		<>
			<Heading title={t.noLink} />
			<p>{t.noLinkText}</p>
		</>
	);
}
