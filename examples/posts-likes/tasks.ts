import { defineTask, value, z } from 'weir';
import { countDistinct, parsePosts, rankUsers, type Score, scoreOf } from './rules.ts';
import { likes, posts, users } from './sources.ts';

/** Likes of one post. Reads whether its file is there, not which others are, so another post's first like is nothing to it. */
export const countLikes = defineTask({
  name: 'count-likes',
  params: z.object({ post: z.string() }),
  inputs: ({ post }) => ({ file: likes.presence({ name: post }) }),
  runtimeInputs: ({ post }, { file }) => ({ content: file.isPresent ? [likes.partition({ name: post })] : [] }),
  outputs: { count: value<number>() },
  run: async ({ inputs }) => {
    const [given] = inputs.content;
    return { count: given === undefined ? 0 : countDistinct(await textOf(given.content)) };
  },
});

export const listPosts = defineTask({
  name: 'list-posts',
  params: z.object({ user: z.string() }),
  inputs: ({ user }) => ({ file: posts.presence({ name: user }) }),
  runtimeInputs: ({ user }, { file }) => ({ content: file.isPresent ? [posts.partition({ name: user })] : [] }),
  outputs: { ids: value<readonly string[]>() },
  run: async ({ inputs }) => {
    const [given] = inputs.content;
    return { ids: given === undefined ? [] : parsePosts(await textOf(given.content)) };
  },
});

export const scoreUser = defineTask({
  name: 'score-user',
  params: z.object({ user: z.string() }),
  inputs: ({ user }) => ({ profile: users.partition({ name: user }), own: listPosts.goal({ user }) }),
  runtimeInputs: (_, { own }) => ({ counts: own.ids.map((post) => countLikes.goal({ post })) }),
  outputs: { score: value<Score>() },
  run: async ({ params, inputs }) => {
    const { name } = profile.parse(JSON.parse(await textOf(inputs.profile.content)));
    return {
      score: scoreOf(
        { user: params.user, name },
        inputs.counts.map(({ count }) => count),
      ),
    };
  },
});

export const likesPerUser = defineTask({
  name: 'likes-per-user',
  params: z.object({}),
  inputs: () => ({ listing: users.partitions() }),
  runtimeInputs: (_, { listing }) => ({ scores: listing.names.map((user) => scoreUser.goal({ user })) }),
  outputs: { likes: value<Readonly<Record<string, number>>>() },
  run: async ({ inputs }) => ({
    likes: Object.fromEntries(inputs.scores.map(({ score }) => [score.user, score.likes])),
  }),
});

export const topUsers = defineTask({
  name: 'top-users',
  params: z.object({}),
  inputs: () => ({ listing: users.partitions() }),
  runtimeInputs: (_, { listing }) => ({ scores: listing.names.map((user) => scoreUser.goal({ user })) }),
  outputs: { top: value<readonly Score[]>() },
  run: async ({ inputs }) => ({ top: rankUsers(inputs.scores.map(({ score }) => score)) }),
});

const profile = z.object({ name: z.string() });

const textOf = async (content: { bytes(): Promise<Uint8Array> }): Promise<string> =>
  new TextDecoder().decode(await content.bytes());
