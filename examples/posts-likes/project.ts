import { definePipeline, defineProject } from 'weir';
import { likes, posts, users } from './sources.ts';
import { likesPerUser, topUsers } from './tasks.ts';

export default defineProject({
  name: 'posts-likes',
  title: 'Posts and likes',
  sources: [users, posts, likes],
  tasks: ['tasks.ts'],
  pipelines: [
    definePipeline({
      name: 'rank',
      description: 'Likes per user, and the ten users with the highest mean of their three most-liked posts',
      goals: () => [likesPerUser.goal({}), topUsers.goal({})],
    }),
  ],
});
