// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { address } from "../api.js";
import { Choice } from "../parts/form.js";
import { useLoaded } from "../parts/loaded.js";
import { query, setQuery } from "../router.js";
import { planNames, USER_STATES } from "../users.js";
import { userWords } from "../words/users.js";

/** Where the API has the users that are searched for; `asked`: what the page's own address has behind `?`. */
export function addressOfUsers(asked: URLSearchParams, limit: number): string {
	const [search, state, plan] = ["search", "state", "plan"].map((name) => asked.get(name) ?? "");
	return address("/api/users", { search, state, plan, limit });
}

/** What is searched for is in the address, so that the way back leads to it. */
export function UserSearch(): JSX.Element {
	const t = userWords();
	const plans = useLoaded("plans", planNames);
	const states: [string, string][] = USER_STATES.map((one) => [one, t.states[one]]);
	const names = (plans.value.value ?? []).map((name): [string, string] => [name, name]);
	return (
		<search class="toolbar">
			<SearchField />
			<Choice
				label={t.state}
				value={query.value.get("state") ?? ""}
				options={[["", t.allStates], ...states]}
				onChange={(value) => setQuery("state", value)}
			/>
			<Choice
				label={t.plan}
				value={query.value.get("plan") ?? ""}
				options={[["", t.allPlans], ...names]}
				onChange={(value) => setQuery("plan", value)}
			/>
		</search>
	);
}

/** A search waits until the writing pauses for this long, ms. */
const PAUSE_MS = 200;

function SearchField(): JSX.Element {
	const t = userWords();
	const timer = useRef(0);
	useEffect(() => () => clearTimeout(timer.current), []);
	return (
		<div class="field grow">
			<label for="search">{t.search}</label>
			<input
				id="search"
				type="search"
				defaultValue={query.value.get("search") ?? ""}
				onInput={({ currentTarget: { value } }) => {
					clearTimeout(timer.current);
					timer.current = setTimeout(() => setQuery("search", value.trim()), PAUSE_MS);
				}}
			/>
		</div>
	);
}
