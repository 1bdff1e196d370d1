import { getRuntimeContext, remote } from 'heddle';

export const Traveller = remote(
  import.meta,
  class Traveller {
    where() {
      const { actorId, actorName, namespace, taskId, workerId, restartCount } = getRuntimeContext();
      return {
        actor: actorId,
        name: actorName,
        namespace,
        task: taskId,
        worker: workerId,
        restarted: restartCount > 0,
      };
    }
  },
);
