import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderSource } from 'weir';

/** The three folders of `data`: each file is a partition, named by what the `*` stands for. */
export const sourcesIn = (data: string) => ({
  /** One file a user: who they are. */
  users: folderSource({ name: 'users', folder: path.join(data, 'users'), pattern: '*.json' }),
  /** One file a user: their posts. */
  posts: folderSource({ name: 'posts', folder: path.join(data, 'posts'), pattern: '*.csv' }),
  /** One file a post: who likes it. A post nobody likes needs none. */
  likes: folderSource({ name: 'likes', folder: path.join(data, 'likes'), pattern: '*.txt' }),
});

export const { users, posts, likes } = sourcesIn(fileURLToPath(new URL('data', import.meta.url)));
